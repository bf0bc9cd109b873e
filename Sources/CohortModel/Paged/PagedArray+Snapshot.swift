// The bytes of a paged array in a snapshot, little-endian:
//
//     count u64 | elements a page u32 | bytes an element u32
//     one bit a page, low bit first: 1 = stored, 0 = blank, rounded up to bytes
//     the stored pages, one after the other, the last one cut at `count`
//
// Elements are written as they lie in memory, so their type must have neither padding nor
// invalid bit patterns: structs of integers only.

extension PagedArray {
  /// Appends the bytes of this array.
  package func append(to output: inout [UInt8]) {
    output.appendSnapshot(UInt64(count))
    output.appendSnapshot(UInt32(Self.pageCapacity))
    output.appendSnapshot(UInt32(MemoryLayout<Element>.stride))
    for group in stride(from: 0, to: pageCount, by: 8) {
      var bits: UInt8 = 0
      for page in group..<min(group + 8, pageCount) where !isBlank(page: page) {
        bits |= 1 << UInt8(page - group)
      }
      output.append(bits)
    }
    for page in 0..<pageCount where !isBlank(page: page) {
      let start = page << Self.shift
      readRun(at: start, count: min(Self.pageCapacity, count - start)) { elements in
        unsafe elements.withUnsafeBytes { unsafe output.append(contentsOf: $0) }
      }
    }
  }

  /// Reads what `append(to:)` wrote and moves `cursor` behind it.
  ///
  /// No `count` above `limit` is believed, so memory stays within it and the bytes given. Throws
  /// `SnapshotDamage` at any bytes that `append(to:)` cannot have written.
  package init(
    blank value: Element, from bytes: Span<UInt8>, at cursor: inout SnapshotCursor,
    atMost limit: Int
  ) throws(SnapshotDamage) {
    self.init(blank: value)
    let start = cursor.offset
    let newCount = try cursor.readCount(atMost: limit, from: bytes)
    let (capacity, size) = (
      try cursor.read(UInt32.self, from: bytes), try cursor.read(UInt32.self, from: bytes)
    )
    guard capacity == Self.pageCapacity, size == MemoryLayout<Element>.stride else {
      throw SnapshotDamage(at: start, "its pages have another size")
    }
    let pages = (newCount + Self.mask) >> Self.shift
    let bits = try cursor.take((pages + 7) / 8, of: bytes)
    extend(to: newCount)
    for page in 0..<pages where bytes[bits + page / 8] >> UInt8(page % 8) & 1 == 1 {
      let first = page << Self.shift
      let length = min(Self.pageCapacity, newCount - first)
      let size = length * MemoryLayout<Element>.stride
      let source = try cursor.take(size, of: bytes)
      writeRun(at: first, count: length) { elements in
        unsafe elements.withUnsafeMutableBytes { target in
          unsafe bytes.withUnsafeBytes { all in
            unsafe target.copyMemory(from: .init(rebasing: all[source..<source + size]))
          }
        }
      }
    }
  }

  /// Reads an array in which every page was stored, so that its size is bounded by the bytes given.
  package init(
    blank value: Element, dense bytes: Span<UInt8>, at cursor: inout SnapshotCursor,
    atMost limit: Int
  ) throws(SnapshotDamage) {
    let start = cursor.offset
    let fitting = (bytes.count - start) / MemoryLayout<Element>.stride
    try self.init(blank: value, from: bytes, at: &cursor, atMost: min(limit, fitting))
    guard (0..<pageCount).allSatisfy({ !isBlank(page: $0) }) else {
      throw SnapshotDamage(at: start, "pages are missing")
    }
  }
}
