import CohortFormat
package import CohortModel

/// The bytes of a torn tail, kept aside before they were cut off.
package struct TornTail: Hashable, Sendable {
  /// Where they stood, in bytes from the start of the log.
  package let offset: UInt64
  package let size: Int
  /// SHA-256 of the bytes.
  package let digest: Digest
  /// Whether a frame that stood there may have been acknowledged and have rotted since.
  ///
  /// It cannot be excluded unless what stood there was a seal.
  package let mayHaveBeenAcknowledged: Bool

  package init(offset: UInt64, size: Int, digest: Digest, mayHaveBeenAcknowledged: Bool) {
    self.offset = offset
    self.size = size
    self.digest = digest
    self.mayHaveBeenAcknowledged = mayHaveBeenAcknowledged
  }

  init(_ bytes: Span<UInt8>, at offset: UInt64) {
    self.init(
      offset: offset, size: bytes.count, digest: SHA256.digest(bytes),
      mayHaveBeenAcknowledged: !TornTail.isSeal(bytes, at: offset))
  }

  /// The event that records the cut.
  package var event: Recovered {
    Recovered(
      offset: offset, size: UInt64(size), digest: digest,
      mayHaveBeenAcknowledged: mayHaveBeenAcknowledged)
  }

  var name: String { "\(TornTail.prefix)\(offset)-\(digest)" }

  static let prefix = "torn-"

  /// Reads the offset and the digest from a name.
  static func parse(_ name: String) -> (offset: UInt64, digest: Digest)? {
    guard name.hasPrefix(prefix) else { return nil }
    let parts = name.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let offset = UInt64(parts[0]), let digest = Digest(String(parts[1]))
    else { return nil }
    return (offset, digest)
  }

  /// Whether the bytes are zeros up to a 4 KiB boundary, and from there a seal and nothing else.
  private static func isSeal(_ bytes: Span<UInt8>, at offset: UInt64) -> Bool {
    let start = Int((0 &- offset) & (FrameHeader.pageSize - 1))
    guard start + 24 <= bytes.count,
      bytes.count <= start + FrameHeader.size + FrameHeader.trailerSize,
      bytes.firstNonzero(in: 0..<start) == nil
    else { return false }
    let magic: UInt32 = bytes.littleEndian(at: start)
    let kind: UInt32 = bytes.littleEndian(at: start + 4)
    let place: UInt64 = bytes.littleEndian(at: start + 16)
    return magic == FrameHeader.magic && kind == FrameHeader.Kind.seal.rawValue
      && place == offset + UInt64(start)
  }
}

extension StorageFolder {
  /// Keeps a copy of torn bytes, once, durably.
  ///
  /// If a cut was interrupted, what is left of the tail may have become shorter, or zero in places.
  /// The copy that was taken before the cut then says more, and is enough.
  func keep(_ bytes: [UInt8], at offset: UInt64, on disk: any Disk) throws(DiskError) {
    for name in try disk.list(path) where TornTail.parse(name)?.offset == offset {
      if let copy = try tornBytes(name, on: disk), TornTail.isRemainder(bytes.span, of: copy.span) {
        // Its name may not have been durable when the last recovery was interrupted.
        try disk.syncDirectory(path)
        return
      }
    }
    try replace(TornTail(bytes.span, at: offset).name, with: bytes, on: disk)
  }

  /// Keeps a copy of damaged bytes that are about to be replaced, once, durably.
  ///
  /// Under the name of a torn tail, because erasures delete those.
  package func keepAside(
    _ bytes: [UInt8], from offset: UInt64, on disk: any Disk
  ) throws(DiskError) { try keep(bytes, at: offset, on: disk) }

  /// The kept copies of what stood behind the last frame that are what their name says, in order.
  func tornTails(behind chain: FrameChain, on disk: any Disk) throws(DiskError) -> [TornTail] {
    var tails: [TornTail] = []
    for name in try disk.list(path) {
      guard let offset = TornTail.parse(name)?.offset, (chain.end...chain.next).contains(offset),
        let bytes = try tornBytes(name, on: disk)
      else { continue }
      tails.append(TornTail(bytes.span, at: offset))
    }
    return tails.sorted { ($0.offset, $0.digest) < ($1.offset, $1.digest) }
  }

  /// Deletes all kept copies, whole and half-written, durably.
  func deleteTornTails(on disk: any Disk) throws(DiskError) {
    for name in try disk.list(path) where name.hasPrefix(TornTail.prefix) {
      try disk.unlink(file(name))
    }
    try disk.syncDirectory(path)
  }

  /// Reads a copy; `nil` if it is not what its name says.
  private func tornBytes(_ name: String, on disk: any Disk) throws(DiskError) -> [UInt8]? {
    guard let named = TornTail.parse(name) else { return nil }
    let copy = try disk.open(file(name), .read)
    defer { try? disk.close(copy) }
    let sizeMax = Int(FrameHeader.pageSize) + FrameHeader.frameSizeMax
    let size = min(try disk.size(of: copy), sizeMax)
    let bytes = try disk.read(copy, at: 0, count: size)
    return SHA256.digest(bytes.span) == named.digest ? bytes : nil
  }
}

extension TornTail {
  /// Whether every byte is that of `whole` or zero.
  fileprivate static func isRemainder(_ bytes: Span<UInt8>, of whole: Span<UInt8>) -> Bool {
    guard bytes.count <= whole.count else { return false }
    for index in bytes.indices where bytes[index] != 0 && bytes[index] != whole[index] {
      return false
    }
    return true
  }
}
