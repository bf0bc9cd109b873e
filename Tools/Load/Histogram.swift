/// Times by their size, to within 3 percent, in constant memory.
///
/// Bucket: 32 for each power of two, so that a bucket is at most 1/32 of its value wide.
struct Histogram {
  private var counts = [Int](repeating: 0, count: 64 * 32)
  private(set) var count = 0
  private(set) var largest: UInt64 = 0

  mutating func add(nanoseconds value: UInt64) {
    counts[Self.bucket(value)] += 1
    count += 1
    largest = max(largest, value)
  }

  /// The value that so many of a hundred are not above.
  func percentile(_ percent: Double) -> UInt64 {
    let wanted = Int((Double(count) * percent / 100).rounded(.up))
    var seen = 0
    for (bucket, number) in counts.enumerated() {
      seen += number
      if seen >= max(wanted, 1) { return min(Self.ceiling(bucket), largest) }
    }
    return largest
  }

  /// `p50 0.31 ms, p99 2.10 ms, slowest 7.00 ms`.
  var line: String {
    func text(_ nanoseconds: UInt64) -> String { "\(rounded(Double(nanoseconds) / 1e6, 2)) ms" }
    return "p50 \(text(percentile(50))), p99 \(text(percentile(99))), slowest \(text(largest))"
  }

  private static func bucket(_ value: UInt64) -> Int {
    guard value >= 32 else { return Int(value) }
    let power = 63 - value.leadingZeroBitCount
    return (power - 4) * 32 + Int((value >> UInt64(power - 5)) & 31)
  }

  private static func ceiling(_ bucket: Int) -> UInt64 {
    guard bucket >= 32 else { return UInt64(bucket) }
    let power = UInt64(bucket / 32 + 4)
    return ((UInt64(bucket % 32) + 33) << (power - 5)) - 1
  }
}

/// A number with so many digits behind the point.
func rounded(_ value: Double, _ digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let whole = Int((value * scale).rounded())
  guard digits > 0 else { return "\(whole)" }
  let divisor = Int(scale)
  let behind = String(abs(whole) % divisor)
  let sign = whole < 0 ? "-" : ""
  return "\(sign)\(abs(whole) / divisor)."
    + String(repeating: "0", count: digits - behind.count) + behind
}
