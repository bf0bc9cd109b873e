package import CohortFormat
import Synchronization

/// Where bytes lie in a ``CacheFile``, and what they must be.
package struct CachedBytes: Hashable, Sendable {
  package let offset: Int
  package let length: Int
  package let crc: UInt32

  package init(offset: Int, length: Int, crc: UInt32) {
    self.offset = offset
    self.length = length
    self.crc = crc
  }
}

/// A file of bytes that can all be made again from the log.
///
/// Bytes are added at the end and read by where they lie; the ``CachedBytes`` that `append` returns
/// carry the checksum, so that anything else that stands there is noticed. Nothing here can hurt
/// the ledger: what cannot be written is not cached, and what cannot be read is `nil`.
///
/// Reading does not wait for writing: bytes once appended never change.
package final class CacheFile: Sendable {
  private let disk: any Disk
  private let file: Descriptor
  /// Started from the ledger id, so that the file of another ledger does not match.
  private let checksum: CRC32C
  private let end: Mutex<Int>

  /// Opens the file at `path`, made if need be, and drops what lies at or behind `end`.
  ///
  /// If there can be no such file now, there is no value: the ledger does without.
  ///
  /// - Parameters:
  ///   - path: Of the file.
  ///   - end: Behind the last bytes that are still wanted; 0 starts anew.
  ///   - checksum: Started from the ledger id.
  ///   - disk: Where it lies.
  package init?(
    at path: String, keeping end: Int, checksum: CRC32C, on disk: any Disk
  ) {
    guard let file = try? disk.open(path, .create) else { return nil }
    do throws(DiskError) {
      let size = try disk.size(of: file)
      if size > end { try disk.truncate(file, to: end) }
      self.end = Mutex(min(size, end))
    } catch {
      try? disk.close(file)
      return nil
    }
    self.disk = disk
    self.file = file
    self.checksum = checksum
  }

  deinit { try? disk.close(file) }

  /// In bytes.
  package var size: Int { end.withLock { $0 } }

  /// Adds `bytes`; not durable before ``sync()``.
  ///
  /// - Returns: `nil` if the disk did not take them. The file is then as it was.
  package func append(_ bytes: Span<UInt8>) -> CachedBytes? {
    let crc = checksum.checksum(bytes)
    // Not inside the closure of the lock, which cannot capture a span.
    let start = end.withLock { end in
      defer { end += bytes.count }
      return end
    }
    do {
      try disk.write(bytes, to: file, at: start)
    } catch {
      end.withLock { if $0 == start + bytes.count { $0 = start } }
      return nil
    }
    return CachedBytes(offset: start, length: bytes.count, crc: crc)
  }

  /// Returns the bytes that ``append(_:)`` put there, or `nil` if anything else is there now.
  package func read(_ place: CachedBytes) -> [UInt8]? {
    guard place.offset >= 0, place.length >= 0, place.offset <= size - place.length,
      let bytes = try? disk.read(file, at: place.offset, count: place.length),
      bytes.count == place.length, checksum.checksum(bytes.span) == place.crc
    else { return nil }
    return bytes
  }

  /// Makes what was appended durable; to be called before anything durable refers to it.
  ///
  /// - Returns: Whether it is.
  package func sync() -> Bool {
    do {
      try disk.sync(file)
      return true
    } catch { return false }
  }
}
