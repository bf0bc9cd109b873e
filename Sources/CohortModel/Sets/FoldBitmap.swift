/// A scratch bitmap in which one cohort after the other is rebuilt from its events.
///
/// Changes are set and cleared straight from the bytes of the log. A cohort's bitmap of ten million
/// users takes 1.25 MB and stays in the cache, where a fold in the order of the log would
/// miss it with every bit. One is made per thread and used again for each cohort.
///
/// Invariant: every word that is not zero lies in a page of 4,096 users whose `touched` bit is set,
/// so that cutting and clearing look at those pages only.
package struct FoldBitmap {
  var words: [UInt64]
  private var touched: [UInt64]
  /// How many users are in, as the events say: each holds effective changes only.
  package internal(set) var count = 0

  /// - Parameter users: The greatest user number to expect. More room is made when needed.
  package init(users: Int = 0) {
    (words, touched) = ([], [])
    makeRoom(for: UInt32(clamping: users))
  }

  /// Puts the users of the packed set at `start` in.
  ///
  /// - Returns: Where the set ends.
  @discardableResult
  package mutating func insert(in bytes: Span<UInt8>, at start: Int) -> Int {
    let shape = PackedShape(accepted: bytes, at: start)
    count += shape.count
    return change(shape, in: bytes, at: start) { word, bits in word |= bits }
  }

  /// Takes the users of the packed set at `start` out.
  ///
  /// - Returns: Where the set ends.
  @discardableResult
  package mutating func remove(in bytes: Span<UInt8>, at start: Int) -> Int {
    let shape = PackedShape(accepted: bytes, at: start)
    count -= shape.count
    return change(shape, in: bytes, at: start) { word, bits in word &= ~bits }
  }

  /// Puts the users of a set at rest in, as the base to start from.
  package mutating func insert(_ users: LiveUsers) {
    guard let last = users.chunks.last else { return }
    makeRoom(for: last.base | 0xFFFF)
    count += users.count
    for index in users.chunks.indices {
      let chunk = users.chunks[index]
      let page = Int(chunk.key) * FoldPage.perChunk
      touch(page..<page + FoldPage.perChunk)
      let first = Int(chunk.key) * UserChunk.bitmapWords
      let source = chunk.words.span
      var span = words.mutableSpan
      if chunk.isBitmap {
        for index in 0..<UserChunk.bitmapWords {
          span[first + index] |= source[chunk.start + index]
        }
      } else {
        for index in 0..<chunk.count {
          let low = source.lane(index, at: chunk.start)
          span[first + Int(low >> 6)] |= 1 << UInt64(low & 63)
        }
      }
    }
  }

  /// The most bytes that the set would take at rest.
  package var byteCount: Int { min(2 * count, 8 * words.count) }

  package func contains(_ user: UInt32) -> Bool {
    let place = Int(user >> 6)
    return place < words.count && words[place] >> UInt64(user & 63) & 1 == 1
  }

  /// Takes everybody out.
  ///
  /// - Complexity: O(pages touched), 512 bytes each.
  package mutating func reset() {
    let pagesTouched = touched
    touched = [UInt64](repeating: 0, count: touched.count)
    count = 0
    var span = words.mutableSpan
    pagesTouched.span.forEachChunkTouched { key, pages in
      for page in 0..<FoldPage.perChunk where pages >> UInt16(page) & 1 == 1 {
        let start = (Int(key) * FoldPage.perChunk + page) * FoldPage.words
        for index in start..<start + FoldPage.words { span[index] = 0 }
      }
    }
  }

  /// The set as it is now, in the smallest layout.
  package func cut() -> LiveUsers {
    let span = words.span
    var resting = RestingChunks(capacity: 0)
    var places: [Int] = []
    touched.span.forEachChunkTouched { key, _ in
      let start = Int(key) * UserChunk.bitmapWords
      let ones = oneBits(ofBitmapAt: start, in: span)
      if ones == 0 { return }
      resting.plan(key, count: ones)
      places.append(start)
    }
    resting.allocate()
    for index in places.indices { resting.copyBitmap(at: places[index], of: span, to: index) }
    return resting.finish()
  }
}

/// The unit in which a bitmap remembers where it was written to.
private enum FoldPage {
  static let users = 4_096
  static let words = 64
  static let perChunk = 16
}

extension FoldBitmap {
  /// Calls `apply` with each word that the packed set changes, and its bits in it.
  @inline(__always)
  mutating func change(
    _ shape: PackedShape, in bytes: Span<UInt8>, at start: Int,
    _ apply: (inout UInt64, UInt64) -> Void
  ) -> Int {
    if shape.count == 0 { return shape.body }
    makeRoom(for: shape.last)
    touchPages(of: shape, in: bytes, at: start)
    return unsafe words.withUnsafeMutableBufferPointer { buffer in
      let words = unsafe LentWords(words: buffer)
      switch shape.kind {
      case .interval:
        words.change(shape.first...shape.last, apply)
        return shape.body
      case .eliasFano:
        words.change(shape.first, apply)
        words.change(shape.last, apply)
        return shape.forEachInner(in: bytes) { user in words.change(user, apply) }
      case .bitmap:
        words.change(shape.first, apply)
        words.change(shape.last, apply)
        shape.forEachWord(in: bytes) { word, base in
          let shift = UInt64(base & 63)
          words.change(at: Int(base >> 6), word << shift, apply)
          // The part that runs over; none of it lies behind the last user.
          let rest = (word >> 1) >> (63 - shift)
          if rest != 0 { words.change(at: Int(base >> 6) + 1, rest, apply) }
        }
        return shape.body + shape.bitmapLength
      case .runs:
        return shape.forEachRun(in: bytes, at: start) { words.change($0, apply) }
      }
    }
  }

  /// Makes room for whole chunks up to the one of `user`.
  @inline(__always)
  mutating func makeRoom(for user: UInt32) {
    if Int(user >> 6) < words.count { return }
    growRoom(for: user)
  }

  @inline(never)
  private mutating func growRoom(for user: UInt32) {
    let chunks = Int(user >> 16) + 1
    words.append(
      contentsOf: repeatElement(0, count: chunks * UserChunk.bitmapWords - words.count))
    let pageWords = (chunks * FoldPage.perChunk + 63) / 64
    touched.append(contentsOf: repeatElement(0, count: pageWords - touched.count))
  }

  @inline(__always)
  private mutating func touchPages(of shape: PackedShape, in bytes: Span<UInt8>, at start: Int) {
    if shape.isSpreadWide {
      touchEach(bytes, at: start)
    } else {
      touchAllPages(of: shape)
    }
  }

  /// Touches only the pages of the few users of a set that is spread wide.
  @inline(never)
  private mutating func touchEach(_ bytes: Span<UInt8>, at start: Int) {
    PackedUsers.forEach(in: bytes, at: start) { user in
      let page = Int(user) / FoldPage.users
      touched[page >> 6] |= 1 << UInt64(page & 63)
    }
  }

  /// Touches every page from that of the first user to that of the last.
  @inline(__always)
  mutating func touchAllPages(of shape: PackedShape) { touch(shape.pages) }

  private mutating func touch(_ pages: Range<Int>) {
    unsafe touched.withUnsafeMutableBufferPointer { buffer in
      let words = unsafe LentWords(words: buffer)
      words.change(UInt32(pages.lowerBound)...UInt32(pages.upperBound - 1)) { $0 |= $1 }
    }
  }
}

extension PackedShape {
  /// Those between its first user and its last.
  fileprivate var pages: Range<Int> {
    Int(first) / FoldPage.users..<Int(last) / FoldPage.users + 1
  }

  /// Whether it has so few users that most pages between them have none.
  var isSpreadWide: Bool { kind == .eliasFano && count < 64 && pages.count > count }
}

extension Span<UInt64> {
  /// Calls `body` with each chunk that has touched pages, and a bit for each of those.
  @inline(__always)
  fileprivate func forEachChunkTouched(_ body: (_ key: UInt16, _ pages: UInt16) -> Void) {
    for index in indices where self[index] != 0 {
      for quarter in 0..<4 {
        let pages = UInt16(truncatingIfNeeded: self[index] >> UInt64(16 * quarter))
        if pages != 0 { body(UInt16(index * 4 + quarter), pages) }
      }
    }
  }
}
