import { percentile, ratiosOf, rounded, spreadOf } from './figures.js';

describe('percentile', () => {
  it('is a value that was measured, by nearest rank', () => {
    const hundred = Float64Array.from({ length: 100 }, (_, at) => at + 1);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile(hundred, 0)).toBe(1);
    expect(percentile([7], 0.99)).toBe(7);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});

describe('spreadOf', () => {
  it('takes the middle, or the mean of the two middle ones, and leaves its argument alone', () => {
    const values = [3, 1, 2];
    expect(spreadOf(values)).toEqual({ median: 2, least: 1, most: 3 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
    expect(values).toEqual([3, 1, 2]);
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('ratiosOf', () => {
  it('compares what ran in the same round', () => {
    // The machine was twice as slow in the second round: the ratio does not see it, a ratio of medians would.
    expect(ratiosOf([50, 25, 60], [100, 50, 100])).toEqual({ median: 0.5, least: 0.5, most: 0.6 });
    expect(() => ratiosOf([1], [])).toThrow(RangeError);
  });
});

it('prints three digits', () => {
  expect([0.51234, 1.006, 1234.5, 0.0012345].map(rounded)).toEqual([0.512, 1.01, 1230, 0.00123]);
});
