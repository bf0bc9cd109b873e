/// A part of a snapshot that cannot be what was written.
///
/// A snapshot is a cache: whoever meets this falls back to an older snapshot or to the log.
public struct SnapshotDamage: Error, Equatable, Sendable {
  /// The byte at which the part begins that is wrong, counted from the start of what was read.
  public let offset: Int
  /// What is wrong there, as half a sentence.
  public let reason: String

  package init(at offset: Int, _ reason: String) {
    self.offset = offset
    self.reason = reason
  }
}

extension SnapshotDamage: CustomStringConvertible {
  public var description: String {
    "The snapshot is damaged at byte \(offset): \(reason). "
      + "Delete it; the ledger rebuilds it from the log."
  }
}

/// A place in the bytes of a snapshot, moved by every read.
package struct SnapshotCursor: Sendable {
  package var offset: Int

  package init(at offset: Int = 0) { self.offset = offset }

  /// Claims the next `count` bytes and returns where they begin.
  package mutating func take(_ count: Int, of bytes: Span<UInt8>) throws(SnapshotDamage) -> Int {
    guard count >= 0, count <= bytes.count - offset else {
      throw SnapshotDamage(at: offset, "it ends in the middle of a section")
    }
    defer { offset += count }
    return offset
  }

  /// Reads a little-endian integer.
  package mutating func read<Integer: FixedWidthInteger & BitwiseCopyable>(
    _: Integer.Type, from bytes: Span<UInt8>
  ) throws(SnapshotDamage) -> Integer {
    let start = try take(MemoryLayout<Integer>.size, of: bytes)
    let value = unsafe bytes.bytes.unsafeLoadUnaligned(
      fromByteOffset: start, as: Integer.self)
    return Integer(littleEndian: value)
  }

  /// Reads a 64-bit count that must be at most `limit`.
  package mutating func readCount(
    atMost limit: Int, from bytes: Span<UInt8>
  ) throws(SnapshotDamage) -> Int {
    let start = offset
    let count = try read(UInt64.self, from: bytes)
    guard count <= UInt64(limit) else {
      throw SnapshotDamage(at: start, "a count of \(count) is above the limit of \(limit)")
    }
    return Int(count)
  }
}

extension [UInt8] {
  mutating func appendSnapshot(_ integer: some FixedWidthInteger & BitwiseCopyable) {
    let value = integer.littleEndian
    unsafe Swift.withUnsafeBytes(of: value) { unsafe append(contentsOf: $0) }
  }
}
