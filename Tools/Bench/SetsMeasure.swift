import CPlatform
import Glibc

/// The median seconds of one call, over three runs of more than a second each.
///
/// Seconds of the processor for this thread: what else runs on the machine does not count, but for
/// the caches that it takes away.
func secondsPerCall(_ body: () -> Int) -> Double {
  var check = 0
  func run(_ calls: Int) -> Double {
    let start = threadSeconds()
    for _ in 0..<calls { check &+= body() }
    return threadSeconds() - start
  }
  var calls = 1
  while run(calls) < 0.05 { calls *= 2 }
  calls = Int(1.05 / run(calls) * Double(calls)) + 1
  let runs = (0..<3).map { _ in run(calls) / Double(calls) }.sorted()
  precondition(check != 0, "the optimizer removed the work")
  return runs[1]
}

private func threadSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Prints what one of `count` things costs, and how many a second that makes.
func printCost(_ name: String, _ unit: String, count: Int, target: String = "", _ body: () -> Int) {
  let seconds = secondsPerCall(body) / Double(count)
  let aim = target.isEmpty ? "" : " (target \(target))"
  print(
    "\(name): \(inTenths(seconds * 1e9)) ns/\(unit), \(inTenths(1e-6 / seconds)) M \(unit)s/s\(aim)"
  )
}

/// Prints how long one call takes.
func printTime(_ name: String, target: String = "", _ body: () -> Int) {
  let seconds = secondsPerCall(body)
  print("\(name): \(inTenths(seconds * 1e6)) µs" + (target.isEmpty ? "" : " (target \(target))"))
}

func inTenths(_ value: Double) -> String {
  let tenths = Int(value * 10 + 0.5)
  return "\(tenths / 10).\(tenths % 10)"
}

/// Numbers without a pattern, the same in every run.
struct Noise: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// `count` different users of `1...last`, ascending.
  mutating func users(_ count: Int, of last: Int) -> [UInt32] {
    var taken = [Bool](repeating: false, count: last + 1)
    var left = count
    while left > 0 {
      let user = Int(next() % UInt64(last)) + 1
      if !taken[user] {
        taken[user] = true
        left -= 1
      }
    }
    return taken.indices.filter { taken[$0] }.map { UInt32($0) }
  }
}
