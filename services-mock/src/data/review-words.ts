/**
 * What people write in reviews, by how content they are. The sentences about the thing itself come from
 * its category.
 *
 * @module
 */

/** How content a reviewer is. */
export type Mood = 'happy' | 'mixed' | 'unhappy';

/** Sentences of one mood; `{thing}` stands for what was bought, in lower case. */
export interface MoodWords {
  readonly titles: readonly string[];
  readonly openings: readonly string[];
  readonly closings: readonly string[];
}

export const MOODS: Readonly<Record<Mood, MoodWords>> = {
  happy: {
    titles: [
      'Would buy again',
      'Exactly what I hoped for',
      'A small joy every day',
      'Worth every cent',
      'Excellent',
    ],
    openings: [
      'I compared for weeks before I settled on this {thing}, and I am glad that I did.',
      'Bought this {thing} as a replacement for one that lasted eleven years.',
      'My partner gave me this {thing} for my birthday and I have used it daily since.',
      'This is the second {thing} of this brand in our house, which says it all.',
      'I was sceptical about the price, but this {thing} changed my mind within a day.',
    ],
    closings: [
      'Delivery was quick and the packaging had no plastic in it.',
      'I have recommended it to two friends already.',
      'Customer service answered a question within the hour.',
      'I would give it six stars if I could.',
    ],
  },
  mixed: {
    titles: [
      'Good, with small flaws',
      'Fine for the price',
      'Does the job',
      'Nearly there',
      'Not perfect, still good',
    ],
    openings: [
      'After six weeks with this {thing} I am content, but not in love.',
      'The {thing} does what it should, no more and no less.',
      'On paper this {thing} was perfect for me; in daily life it is merely decent.',
      'A solid {thing}, although I expected a little more from the description.',
    ],
    closings: [
      'On sale I would buy it again.',
      'Good value if you can live with that.',
      'I am keeping it, but I understand the mixed opinions here.',
      'Three months from now I may add a star.',
    ],
  },
  unhappy: {
    titles: ['Disappointed', 'Sent it back', 'Not as described', 'Expected more', 'Twice unlucky'],
    openings: [
      'I wanted to like this {thing}, and I gave it four weeks before writing this.',
      'Sadly this {thing} did not live up to the photos.',
      'My {thing} arrived late and the trouble started on the first day.',
      'For this amount of money I expect a {thing} that lasts longer than a season.',
    ],
    closings: [
      'The return was easy, I give them that.',
      'Support offered a replacement, but I took the refund.',
      'Perhaps I got a bad one, yet I will not try a second time.',
    ],
  },
};
