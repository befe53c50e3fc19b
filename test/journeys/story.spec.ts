import { runStory, type Step } from '../../apps/sandbox/src/story.js';
import { type OpenSandbox, openSandbox } from './open-sandbox.js';

describe('the story', () => {
  let open: OpenSandbox;
  const told: Step[] = [];

  beforeAll(async () => {
    open = await openSandbox();
    await runStory(open.sandbox, (step) => told.push(step));
  }, 120_000);

  afterAll(() => open?.close());

  it.each(['before', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])('%s happens as it is told', (id) => {
    const step = told.find((each) => each.id === id);
    expect(step).toMatchObject({ id, wrong: [] });
    for (const { receiptHolds } of step?.exchanges ?? []) expect(receiptHolds).toBe(true);
  });

  it('gives every asker a reason of the discloser for each field it was told', () => {
    for (const { exchanges } of told)
      for (const { received, explanations } of exchanges)
        for (const { field, level } of received) {
          const accounted = explanations.flatMap(({ fields }) => fields.filter((each) => each.field === field));
          expect(accounted).toContainEqual(
            expect.objectContaining({ level, released: true, because: expect.stringMatching(/\w+\/\w+/) as string }),
          );
        }
  });
});
