import { createHash } from 'node:crypto';
import { EMPTY_HEAD, grow } from '#ledger';
import { type Acknowledged, check, type Fault, type History, type Kind, type Recorded, type Release } from './check.js';

const leafOf = (entry: string): string => createHash('sha256').update(entry).digest('hex');

/** `grant A`, `disclosure A`, …: each line is an entry named after its index, such as `e3`. */
function logOf(...lines: readonly string[]): Recorded[] {
  return lines.map((line, seq) => {
    const [kind, consent = ''] = line.split(' ');
    return { seq, entry: `e${seq}`, leaf: leafOf(`e${seq}`), says: { kind: kind as Kind, consent } };
  });
}

/** Everything in the log was acknowledged, one after the other, 10 ms each, and disclosures left with it. */
function quiet(log: readonly Recorded[]): History & { acknowledged: Acknowledged[]; releases: Release[] } {
  const acknowledged = log.map(({ seq, entry, leaf, says }) => ({
    kind: says?.kind ?? 'refusal',
    consent: says?.consent ?? '',
    entry,
    leaf,
    seq,
    invoked: 10 * seq,
    acknowledged: 10 * seq + 9,
  }));
  const releases = acknowledged
    .filter(({ kind }) => kind === 'disclosure')
    .map((one) => release(one.entry, one.consent, one.acknowledged));
  return { acknowledged, releases, checkpoints: [], stops: [], wrongClocks: [] };
}

const release = (entry: string, consent: string, at: number, more: Partial<Release> = {}): Release => ({
  operation: `question ${entry}`,
  consent,
  entry,
  by: 'gateway 1',
  checked: at,
  left: at,
  ...more,
});

const faultsIn = (history: History, log: readonly Recorded[]): readonly Fault[] =>
  check(history, log).violations.map(({ fault }) => fault);

const sound = logOf('grant A', 'disclosure A', 'withdrawal A', 'refusal A', 'grant A', 'disclosure A', 'withdrawal A');
const [first, word] = [1, 2];

/** As `sound`, but the entry of that index is told of with other words. */
function toldOtherwise(index: number, other: Partial<Acknowledged>): History {
  const history = quiet(sound);
  return { ...history, acknowledged: history.acknowledged.map((one, i) => (i === index ? { ...one, ...other } : one)) };
}

describe('a history as it should be', () => {
  it('has nothing to say against it', () => {
    const head = grow(
      EMPTY_HEAD,
      sound.slice(0, 5).map(({ leaf }) => Buffer.from(leaf, 'hex')),
    ).head;
    const checkpoints = [{ size: 5, root: Buffer.from(head.root).toString('hex') }];
    expect(check({ ...quiet(sound), checkpoints }, sound)).toEqual({ violations: [], residual: 0 });
  });

  it('may hold entries that nobody was told of', () => {
    const history = quiet(sound);
    const acknowledged = history.acknowledged.filter((_, i) => i !== 3);
    expect(faultsIn({ ...history, acknowledged }, sound)).toEqual([]);
  });

  it('may have been told twice, and left once', () => {
    const history = quiet(sound);
    const again = { ...history.acknowledged[first]!, repeated: true, invoked: 900, acknowledged: 950 };
    expect(faultsIn({ ...history, acknowledged: [...history.acknowledged, again] }, sound)).toEqual([]);
  });
});

describe('(a) the order of the log', () => {
  it('a disclosure after the withdrawal', () => {
    const log = logOf('grant A', 'withdrawal A', 'disclosure A');
    expect(faultsIn({ ...quiet(log), releases: [] }, log)).toEqual(['disclosed without consent']);
  });

  it('a disclosure under what was never granted', () => {
    const log = logOf('grant A', 'disclosure B');
    expect(faultsIn(quiet(log), log)).toEqual(['disclosed without consent']);
  });
});

/** As `sound`, but this is all that left. */
const late = (only: Release, history: History = quiet(sound)): readonly Fault[] =>
  faultsIn({ ...history, releases: [only] }, sound);

describe('(b) when it left', () => {
  it('before the acknowledgement, however long after the withdrawal was recorded', () => {
    expect(late(release('e1', 'A', 28.9))).toEqual([]);
  });

  it('after it, and hidden by a later grant', () => {
    expect(late(release('e1', 'A', 45))).toEqual(['released after acknowledgement']);
  });

  it('at the very same instant', () => {
    expect(late(release('e1', 'A', 29))).toEqual(['released after acknowledgement']);
  });

  it('under a withdrawal of another consent', () => {
    const log = logOf('grant A', 'grant B', 'disclosure A', 'withdrawal B');
    expect(faultsIn({ ...quiet(log), releases: [release('e2', 'A', 99)] }, log)).toEqual([]);
  });

  it('on a grant that had ended when it was recorded', () => {
    expect(late(release('e5', 'A', 59, { grant: 'e0' }))).toEqual(['released after acknowledgement']);
    expect(late(release('e5', 'A', 59, { grant: 'e4' }))).toEqual([]);
  });

  it('after a withdrawal that nobody was told of, and before the next that somebody was', () => {
    const history = quiet(sound);
    const acknowledged = history.acknowledged.filter((_, i) => i !== word);
    expect(late(release('e1', 'A', 45), { ...history, acknowledged })).toEqual([]);
  });

  it('while it was stopped between its last look and the write: counted apart', () => {
    const stopped = release('e1', 'A', 45, { checked: 20 });
    const stops = [{ by: 'gateway 1', from: 21, until: 44 }];
    const history = { ...quiet(sound), releases: [stopped], stops };
    expect(check(history, sound)).toEqual({ violations: [], residual: 1 });
    expect(late(stopped)).toEqual(['released after acknowledgement']);
    expect(late({ ...stopped, by: 'gateway 2' }, history)).toEqual(['released after acknowledgement']);
    expect(late({ ...stopped, checked: 30 }, history)).toEqual(['released after acknowledgement']);
  });
});

describe('(c) real time', () => {
  it('over before what lies before it began', () => {
    expect(faultsIn(toldOtherwise(2, { invoked: 1000, acknowledged: 1300 }), sound)).toContain('against real time');
  });

  it('side by side in either order', () => {
    expect(faultsIn(toldOtherwise(2, { invoked: 20, acknowledged: 1300 }), sound)).toEqual([]);
  });

  it('refused while it stood', () => {
    const log = logOf('grant A', 'refusal A');
    expect(faultsIn(quiet(log), log)).toEqual(['against real time']);
  });
});

describe('(d) what was acknowledged', () => {
  it.each<[string, Partial<Acknowledged>]>([
    ['is not in the log', { entry: 'another' }],
    ['has another leaf there', { leaf: leafOf('another') }],
    ['lies elsewhere', { seq: 3 }],
  ])('%s', (_, other) => {
    expect(faultsIn(toldOtherwise(0, other), sound)).toEqual(['lost']);
  });

  it('left without an entry, without anyone being told, or on the word of something else', () => {
    const history = quiet(sound);
    const releases = [release('nowhere', 'A', 1)];
    expect(faultsIn({ ...history, releases }, sound)).toEqual(['released without entry']);
    expect(faultsIn({ ...history, acknowledged: [], releases: [release('e1', 'A', 1)] }, sound)).toEqual([
      'released without entry',
    ]);
    expect(faultsIn({ ...history, releases: [release('e3', 'A', 1)] }, sound)).toEqual(['released without entry']);
  });

  it('left twice for one question', () => {
    const history = quiet(sound);
    const again = { ...history.releases[0]!, by: 'gateway 2' };
    expect(faultsIn({ ...history, releases: [...history.releases, again] }, sound)).toEqual(['released twice']);
  });
});

it('was dated by a clock that was wrong', () => {
  const wrongClocks = [{ by: 'gateway 1', from: 5, until: 25 }];
  const history = { ...toldOtherwise(1, { by: 'gateway 1' }), wrongClocks };
  expect(faultsIn(history, sound)).toEqual(['wrong clock']);
  expect(faultsIn({ ...toldOtherwise(3, { by: 'gateway 1' }), wrongClocks }, sound)).toEqual([]);
  expect(faultsIn({ ...toldOtherwise(1, { by: 'gateway 2' }), wrongClocks }, sound)).toEqual([]);
});

describe('the log itself', () => {
  it('has a gap', () => {
    const log = sound.map((one) => (one.seq > 5 ? { ...one, seq: one.seq + 1 } : one));
    expect(faultsIn({ ...quiet(sound), acknowledged: [], releases: [] }, log)).toEqual(['gap']);
  });

  it('holds one id twice', () => {
    const log = sound.map((one) => (one.seq === 6 ? { ...one, entry: 'e3', leaf: leafOf('e3') } : one));
    expect(faultsIn({ acknowledged: [], releases: [], checkpoints: [], stops: [], wrongClocks: [] }, log)).toEqual([
      'recorded twice',
    ]);
  });

  it.each([
    ['went back behind what was shown', { size: 8, root: '00' }],
    ['is not the one that was shown', { size: 5, root: '00' }],
  ])('%s', (_, shown) => {
    expect(faultsIn({ ...quiet(sound), checkpoints: [shown] }, sound)).toEqual(['checkpoint contradicted']);
  });
});
