// Sets that overlap: what is in some of them and no other, and circles that show it. Pure.

/** How many bits of a number are set. */
export const countBits = (bits) => (bits === 0 ? 0 : (bits & 1) + countBits(bits >> 1));

/**
 * From how many are in all sets of each combination (a Map of bits → number) to how many are in
 * these sets and no other: [{bits, total, only}].
 */
export function exclusive(totals) {
  return [...totals].map(([bits, total]) => {
    let only = 0;
    for (const [more, size] of totals) {
      if ((more & bits) === bits) only += countBits(more ^ bits) % 2 ? -size : size;
    }
    return { bits, total, only };
  });
}

/** How far apart two circles stand if they share an area. */
export function distance(ra, rb, shared) {
  let [low, high] = [Math.abs(ra - rb), ra + rb];
  if (shared <= 0) return high * 1.04;
  for (let turn = 0; turn < 60; turn += 1) {
    const middle = (low + high) / 2;
    if (lens(ra, rb, middle) > shared) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** What two circles share, of these radii and this distance. */
export function lens(ra, rb, d) {
  if (d <= Math.abs(ra - rb)) return Math.PI * Math.min(ra, rb) ** 2;
  if (d >= ra + rb) return 0;
  const a = Math.acos((d * d + ra * ra - rb * rb) / (2 * d * ra));
  const b = Math.acos((d * d + rb * rb - ra * ra) / (2 * d * rb));
  return ra * ra * (a - Math.sin(2 * a) / 2) + rb * rb * (b - Math.sin(2 * b) / 2);
}
