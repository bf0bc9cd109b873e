/// The bytes of a file: 4 KiB chunks that copies share until one of them is written to.
///
/// Invariants: a chunk has 4,096 bytes or, where nothing was ever written, none;
/// bytes at and behind `size` are zero.
package struct DiskImage: Sendable {
  package private(set) var size = 0
  /// How many bytes of chunks exist; holes take none.
  package private(set) var allocated = 0
  private var chunks: [[UInt8]] = []

  package init() {}

  package init(_ bytes: [UInt8]) { write(bytes.span, at: 0) }

  /// All bytes, for a test to look at.
  package var bytes: [UInt8] { read(at: 0, count: size) }

  package mutating func resize(to newSize: Int) {
    if newSize < size {
      zero(newSize..<size)
      let kept = (newSize + chunkSize - 1) / chunkSize
      while chunks.count > kept {
        if !chunks.removeLast().isEmpty { allocated -= chunkSize }
      }
    }
    size = newSize
  }

  /// Writes `bytes` at `offset`; a gap before them reads as zeros.
  package mutating func write(_ bytes: Span<UInt8>, at offset: Int) {
    guard bytes.count > 0 else { return }
    size = max(size, offset + bytes.count)
    unsafe bytes.withUnsafeBytes { source in
      for piece in Pieces(offset..<offset + source.count) {
        allocate(piece.chunk)
        let start = piece.range.lowerBound - offset
        let part = unsafe UnsafeRawBufferPointer(
          rebasing: source[start..<start + piece.range.count])
        unsafe chunks[piece.chunk].withUnsafeMutableBytes {
          unsafe UnsafeMutableRawBufferPointer(rebasing: $0[piece.inside]).copyMemory(from: part)
        }
      }
    }
  }

  /// Writes zeros over `range`, as far as the file goes.
  package mutating func zero(_ range: Range<Int>) {
    for piece in Pieces(range.clamped(to: 0..<size)) where isAllocated(piece.chunk) {
      unsafe chunks[piece.chunk].withUnsafeMutableBytes {
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: $0[piece.inside])
        unsafe part.initializeMemory(as: UInt8.self, repeating: 0)
      }
    }
  }

  /// Returns up to `count` bytes from `offset` on; fewer only where the file ends.
  package func read(at offset: Int, count: Int) -> [UInt8] {
    let range = (offset..<offset + count).clamped(to: 0..<size)
    var bytes = [UInt8](repeating: 0, count: range.count)
    unsafe bytes.withUnsafeMutableBytes { output in
      for piece in Pieces(range) where isAllocated(piece.chunk) {
        let start = piece.range.lowerBound - range.lowerBound
        unsafe chunks[piece.chunk].withUnsafeBytes {
          let part = unsafe UnsafeRawBufferPointer(rebasing: $0[piece.inside])
          let place = unsafe output[start..<start + piece.range.count]
          unsafe UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(from: part)
        }
      }
    }
    return bytes
  }

  /// Turns one bit over, the lowest of a byte being its first; none behind the end.
  package mutating func flip(bit: Int) {
    guard bit / 8 < size else { return }
    let byte = read(at: bit / 8, count: 1)[0] ^ (1 << UInt8(bit % 8))
    write([byte].span, at: bit / 8)
  }

  /// Returns the first byte at or after `offset` that lies in a chunk, or in a hole; the end of the
  /// file is a hole.
  package func first(allocated: Bool, from offset: Int) -> Int? {
    guard offset < size else { return nil }
    var chunk = offset / chunkSize
    while chunk < chunks.count, isAllocated(chunk) != allocated { chunk += 1 }
    let isFound = chunk < chunks.count && chunk * chunkSize < size
    if !isFound { return allocated ? nil : min(max(offset, chunk * chunkSize), size) }
    return max(offset, chunk * chunkSize)
  }

  /// Tells how many of `count` bytes at `offset` fit if only `free` more bytes can be allocated.
  package func fitting(_ count: Int, at offset: Int, free: Int) -> Int {
    var free = free
    for piece in Pieces(offset..<offset + count) where !isAllocated(piece.chunk) {
      if free < chunkSize { return piece.range.lowerBound - offset }
      free -= chunkSize
    }
    return count
  }

  private func isAllocated(_ chunk: Int) -> Bool {
    chunk < chunks.count && !chunks[chunk].isEmpty
  }

  private mutating func allocate(_ chunk: Int) {
    while chunks.count <= chunk { chunks.append([]) }
    if chunks[chunk].isEmpty {
      chunks[chunk] = zeroChunk
      allocated += chunkSize
    }
  }
}

private let chunkSize = 4_096
private let zeroChunk = [UInt8](repeating: 0, count: chunkSize)

/// The chunks that a range of bytes touches, with the part of each.
private struct Pieces: Sequence, IteratorProtocol {
  private var rest: Range<Int>

  init(_ range: Range<Int>) { rest = range }

  mutating func next() -> (chunk: Int, range: Range<Int>, inside: Range<Int>)? {
    guard !rest.isEmpty else { return nil }
    let chunk = rest.lowerBound / chunkSize
    let start = chunk * chunkSize
    let range = rest.clamped(to: start..<start + chunkSize)
    rest = range.upperBound..<rest.upperBound
    return (chunk, range, range.lowerBound - start..<range.upperBound - start)
  }
}
