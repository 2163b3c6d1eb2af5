/**
 * Where the customers live: cities, streets and formats of six countries.
 *
 * @module
 */

/** One country the shop delivers to. In the patterns, `#` stands for a digit and `@` for a letter. */
export interface Place {
  readonly country: string;
  readonly locale: string;
  readonly cities: readonly string[];
  readonly streets: readonly string[];
  readonly numberFirst: boolean;
  readonly postcode: string;
  readonly phone: string;
}

export const PLACES: readonly Place[] = [
  {
    country: 'GB',
    locale: 'en-GB',
    cities: ['London', 'Bristol', 'Leeds', 'Edinburgh', 'Cardiff'],
    streets: ['Mill Lane', 'Station Road', 'Queen Street', 'Church Walk', 'Albert Terrace'],
    numberFirst: true,
    postcode: '@@# #@@',
    phone: '+44 7700 900###',
  },
  {
    country: 'DE',
    locale: 'de-DE',
    cities: ['Berlin', 'Hamburg', 'Leipzig', 'Köln', 'Freiburg'],
    streets: ['Lindenstraße', 'Gartenweg', 'Bahnhofstraße', 'Am Markt', 'Schillerstraße'],
    numberFirst: false,
    postcode: '#####',
    phone: '+49 30 23125 ###',
  },
  {
    country: 'FR',
    locale: 'fr-FR',
    cities: ['Paris', 'Lyon', 'Nantes', 'Lille', 'Toulouse'],
    streets: ['rue des Lilas', 'avenue Victor Hugo', 'rue du Moulin', 'quai de la Gare', 'rue Pasteur'],
    numberFirst: true,
    postcode: '#####',
    phone: '+33 1 99 00 ## ##',
  },
  {
    country: 'NL',
    locale: 'nl-NL',
    cities: ['Amsterdam', 'Utrecht', 'Rotterdam', 'Groningen', 'Haarlem'],
    streets: ['Prinsengracht', 'Dorpsstraat', 'Molenweg', 'Stationsplein', 'Kerkstraat'],
    numberFirst: false,
    postcode: '#### @@',
    phone: '+31 97 0100 ####',
  },
  {
    country: 'ES',
    locale: 'es-ES',
    cities: ['Madrid', 'Valencia', 'Sevilla', 'Bilbao', 'Granada'],
    streets: ['Calle Mayor', 'Calle del Carmen', 'Avenida de la Paz', 'Calle Real', 'Paseo del Prado'],
    numberFirst: false,
    postcode: '#####',
    phone: '+34 900 555 ###',
  },
  {
    country: 'PL',
    locale: 'pl-PL',
    cities: ['Warszawa', 'Kraków', 'Gdańsk', 'Wrocław', 'Poznań'],
    streets: ['ulica Długa', 'ulica Polna', 'ulica Lipowa', 'ulica Szkolna', 'ulica Ogrodowa'],
    numberFirst: false,
    postcode: '##-###',
    phone: '+48 22 555 ## ##',
  },
];
