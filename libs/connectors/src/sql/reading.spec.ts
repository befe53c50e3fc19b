import { Reading } from './reading.js';

const STATEMENT = { name: 'one', text: 'SELECT', more: [], columns: new Map([['name', 1]]) };
const KEY_AND_NAME = { fields: [{ dataTypeID: 25 }, { dataTypeID: 25 }] as never };

describe('what a server sends for a statement', () => {
  const unasked: readonly (readonly [string, (reading: Reading) => void])[] = [
    ['that nothing was asked', (reading) => reading.handleEmptyQuery()],
    ['that there is more', (reading) => reading.handlePortalSuspended()],
    ['a request for data', (reading) => reading.handleCopyInResponse()],
    ['a copy', (reading) => reading.handleCopyData()],
    ['rows that it did not describe', (reading) => reading.handleDataRow({ fields: ['HH-0142', 'Mara Ellison'] })],
    [
      'a column too few',
      (reading) => {
        reading.handleRowDescription(KEY_AND_NAME);
        reading.handleDataRow({ fields: ['HH-0142'] });
      },
    ],
  ];

  it.each(unasked)('%s: is a fault, and the statement does not count as prepared', async (_, send) => {
    const prepared = new Map();
    const reading = new Reading(STATEMENT, 'HH-0142', prepared);
    send(reading);
    reading.handleReadyForQuery();
    await expect(reading.result).rejects.toThrow('not the answer to a SELECT');
    expect(prepared.size).toBe(0);
  });

  it('the row that was asked for, described once', async () => {
    const prepared = new Map();
    for (const describe of [true, false]) {
      const reading = new Reading(STATEMENT, 'HH-0142', prepared);
      if (describe) reading.handleRowDescription(KEY_AND_NAME);
      reading.handleDataRow({ fields: ['HH-0142', null] });
      reading.handleReadyForQuery();
      expect((await reading.result).rows).toEqual([['HH-0142', null]]);
    }
  });
});
