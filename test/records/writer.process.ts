/** A process that writes into a file of records: `writer.process.ts PATH NAME COUNT` prints what it won. */
import { fileRecords } from 'bffkit';

const [path = '', name = '', count = '0'] = process.argv.slice(2);
const records = fileRecords(path);
let won = 0;
for (let index = 0; index < Number(count); index += 1) {
  await records.set(`k:{${name}-${index}}`, name);
  if (await records.set(`k:{shared-${index}}`, name, { when: 'absent' })) won += 1;
  await records.add('k:{set}', `${name}-${index}`, 60_000);
}
process.stdout.write(String(won));
