import Glibc

/// How many seeds a random test tries: `normal`, or that many times `COHORT_SEEDS`.
package func seedCount(_ normal: Int) -> Int {
  let factor = unsafe getenv("COHORT_SEEDS").flatMap { unsafe Int(String(cString: $0)) }
  return normal * max(factor ?? 1, 1)
}
