extension JSONParser {
  /// Refuses an object that has the same key twice, compared as bytes after unescaping.
  ///
  /// Up to eight members are compared in pairs. More go into a table of slots under a hash that
  /// differs from process to process, so that nobody can choose keys that fall into one slot:
  /// a million keys take a million steps.
  mutating func checkKeys(of object: Int, _ text: Span<UInt8>) throws(JSONError) {
    let count = entries[object].second
    guard count > 1 else { return }
    guard count > 8 else { return try compareAll(of: object, text) }

    let mask = 1 << (Int.bitWidth - count.leadingZeroBitCount + 1) - 1
    slots.removeAll(keepingCapacity: true)
    slots.append(contentsOf: repeatElement(0, count: mask + 1))
    var key = object + 1
    while key < entries.count {
      let hash = hash(of: key, text)
      // A slot holds the upper half of the hash beside the index of the key, so that a text is
      // looked at again only if it is most probably the same.
      let mark = UInt64(truncatingIfNeeded: hash) & ~Self.indexMask | UInt64(key)
      var slot = hash & mask
      while slots[slot] != 0 {
        if (slots[slot] ^ mark) & ~Self.indexMask == 0,
          isEqual(Int(slots[slot] & Self.indexMask), key, text)
        {
          throw duplicate(key, text)
        }
        slot = (slot + 1) & mask
      }
      slots[slot] = mark
      key = next(after: key + 1)
    }
  }

  private static let indexMask: UInt64 = 0xFFFF_FFFF

  private func compareAll(of object: Int, _ text: Span<UInt8>) throws(JSONError) {
    var key = next(after: object + 2)
    while key < entries.count {
      var earlier = object + 1
      while earlier < key {
        if isEqual(earlier, key, text) { throw duplicate(key, text) }
        earlier = next(after: earlier + 1)
      }
      key = next(after: key + 1)
    }
  }

  /// The entry behind the value at `index` and all that it contains.
  private func next(after index: Int) -> Int {
    entries[index].isContainer ? entries[index].first : index + 1
  }

  private func isEqual(_ a: Int, _ b: Int, _ text: Span<UInt8>) -> Bool {
    let (a, b) = (entries[a], entries[b])
    guard a.second == b.second else { return false }
    for step in 0..<a.second where byte(a.first + step, text) != byte(b.first + step, text) {
      return false
    }
    return true
  }

  private func hash(of key: Int, _ text: Span<UInt8>) -> Int {
    let entry = entries[key]
    var hasher = Hasher()
    var word: UInt64 = 0
    for step in 0..<entry.second {
      word = word << 8 | UInt64(byte(entry.first + step, text))
      if step & 7 == 7 { hasher.combine(word) }
    }
    hasher.combine(word)
    return hasher.finalize()
  }

  /// A byte of the buffer that the document will have: the text, then what was unescaped.
  private func byte(_ offset: Int, _ text: Span<UInt8>) -> UInt8 {
    offset < text.count ? text[offset] : unescaped[offset - text.count]
  }

  /// The error that points at the opening quote of `key`.
  private func duplicate(_ key: Int, _ text: Span<UInt8>) -> JSONError {
    let start = entries[key].first
    guard start > text.count else { return JSONError(.duplicateKey, at: start - 1) }
    let quote = (1...4).reduce(0) { $0 << 8 | Int(unescaped[start - text.count - $1]) }
    return JSONError(.duplicateKey, at: quote)
  }
}
