/// The words of a bitmap, lent to one loop that sets or clears bits all over them.
///
/// A closure that holds a `MutableSpan` is not inlined (Swift 6.3), and then the fold pays for
/// two calls with each user: 7.5 ns instead of 5.3. Hence the pointer. It is valid as long as
/// `withUnsafeMutableBufferPointer` runs, which is the only way to get one, and every access still
/// looks at the bounds.
@safe struct LentWords {
  private let words: UnsafeMutableBufferPointer<UInt64>

  private let count: UInt

  @unsafe init(words: UnsafeMutableBufferPointer<UInt64>) {
    unsafe self.words = words
    count = UInt(words.count)
  }

  /// Calls `apply` with the word at `index`, and `bits`.
  @inline(__always)
  func change(at index: Int, _ bits: UInt64, _ apply: (inout UInt64, UInt64) -> Void) {
    precondition(UInt(bitPattern: index) < count, "a set of users is used before it was checked")
    unsafe apply(&words[index], bits)
  }

  /// Calls `apply` with the word and the bit of `user`.
  @inline(__always)
  func change(_ user: UInt32, _ apply: (inout UInt64, UInt64) -> Void) {
    change(at: Int(user >> 6), 1 << UInt64(user & 63), apply)
  }

  /// Calls `apply` with each word that has bits of `range`, and those bits.
  @inline(__always)
  func change(_ range: ClosedRange<UInt32>, _ apply: (inout UInt64, UInt64) -> Void) {
    let (low, high) = (Int(range.lowerBound >> 6), Int(range.upperBound >> 6))
    let lowBits = ~UInt64(0) << UInt64(range.lowerBound & 63)
    let highBits = ~UInt64(0) >> UInt64(63 - range.upperBound & 63)
    if low == high { return change(at: low, lowBits & highBits, apply) }
    change(at: low, lowBits, apply)
    for index in low + 1..<high { change(at: index, ~0, apply) }
    change(at: high, highBits, apply)
  }
}
