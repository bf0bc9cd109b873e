/// The bytes of every identifier and label, as 64-bit words.
///
///     [ label ]? [ word 0 ][ word 1 ] … [ last word, zeros behind the text ]
///
/// The label word stands before aliases only. A text never straddles two pages. Texts are
/// addressed by their first word, four bytes for 32 GiB of text.
struct Texts: Sendable {
  private(set) var words: PagedArray<UInt64>

  init() {
    words = PagedArray(blank: 0)
    // Two, so that texts of two words, the most common ones, begin on even words: a cache line
    // then never ends inside one.
    words.append(0)
    words.append(0)
  }

  /// Keeps a copy of `text` behind `label`, and returns the place of the first word.
  mutating func store(_ text: Span<UInt8>, behind label: UInt64?) -> UInt32 {
    let bytes = text
    let prefix = label == nil ? 0 : 1
    let start = words.appendRun(of: prefix + (text.count + 7) / 8) { words in
      if let label { words[0] = label }
      for index in prefix..<words.count {
        words[index] = bytes.textWord(index - prefix, start: 0, count: bytes.count)
      }
    }
    guard let place = UInt32(exactly: start) else {
      preconditionFailure("The identifiers of one ledger exceed 32 GiB of text.")
    }
    return place
  }

  /// Puts zeros in the place of the text of `count` bytes at `word`.
  mutating func erase(at word: Int, count: Int) {
    words.writeRun(at: word, count: (count + 7) / 8) { words in
      for index in words.indices { words[index] = 0 }
    }
  }

  @inline(__always)
  func hash(at word: Int, count: Int, domain: UInt64, by hash: TextHash) -> UInt64 {
    hash(domain: domain, byteCount: count) { words[word &+ $0] }
  }

  /// Whether the text at `word` is the text of `count` bytes at `start` of `bytes`.
  @inline(__always)
  func equals(at word: Int, _ bytes: Span<UInt8>, start: Int, count: Int) -> Bool {
    for index in 0..<(count &+ 7) &>> 3
    where words[word &+ index] != bytes.textWord(index, start: start, count: count) {
      return false
    }
    return true
  }

  /// Whether the texts of `count` bytes at `a` and `b` are equal.
  func equals(_ a: Int, _ b: Int, count: Int) -> Bool {
    (0..<(count + 7) / 8).allSatisfy { words[a + $0] == words[b + $0] }
  }

  func append(at word: Int, count: Int, to output: inout [UInt8]) {
    guard count > 0 else { return }
    words.readRun(at: word, count: (count + 7) / 8) { words in
      unsafe words.withUnsafeBytes { unsafe output.append(contentsOf: $0.prefix(count)) }
    }
  }

  /// Lends the text of `count` bytes, at least one, at `word` to `body`.
  @inline(__always)
  func withText(at word: Int, count: Int, _ body: (Span<UInt8>) -> Void) {
    words.readRun(at: word, count: (count + 7) / 8) { words in
      unsafe words.withUnsafeBytes { bytes in
        unsafe bytes.prefix(count).withMemoryRebound(to: UInt8.self) { unsafe body($0.span) }
      }
    }
  }
}

extension Texts {
  func append(to output: inout [UInt8]) { words.append(to: &output) }

  init(from bytes: Span<UInt8>, at cursor: inout SnapshotCursor) throws(SnapshotDamage) {
    words = try PagedArray(blank: 0, dense: bytes, at: &cursor, atMost: Int(UInt32.max))
    guard words.count > 0 else { throw SnapshotDamage(at: cursor.offset, "there is no text area") }
  }

  /// Whether a text of `count` bytes at `word`, behind `prefix` words, lies on one page and ends
  /// in zeros, as `store` leaves it.
  func isWhole(at word: Int, prefix: Int, count: Int) -> Bool {
    let length = prefix + (count + 7) / 8
    guard length > 0 else { return true }
    let capacity = PagedArray<UInt64>.pageCapacity
    guard word % capacity + length <= capacity, word + length <= words.count else { return false }
    return count % 8 == 0 || words[word + length - 1] >> UInt64(count % 8 * 8) == 0
  }
}
