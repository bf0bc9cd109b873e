package import CohortFormat
import CohortModel
import Glibc

/// A log as a plain file: for what looks at, copies and mends logs, whether or not they can be
/// opened.
///
/// Nothing is recovered, and nobody is kept out unless ``lock()`` is called.
package final class LogFile: Sendable {
  package let path: String
  package let disk: any Disk
  private let file: OwnedFile

  /// Opens a file that exists, or makes one.
  ///
  /// - Throws: ``LogError/noLedger(folder:)`` if it does not exist, ``LogError/disk(_:)``.
  package init(_ path: String, _ mode: OpenMode = .read, on disk: any Disk) throws(LogError) {
    do {
      file = try OwnedFile(path, mode, on: disk)
    } catch { throw error.errno == ENOENT ? .noLedger(folder: path) : .disk(error) }
    self.path = path
    self.disk = disk
  }

  /// Opens the log of a storage folder, or the file itself if `path` is one.
  package convenience init(at path: String, on disk: any Disk) throws(LogError) {
    do throws(LogError) {
      try self.init(StorageFolder(path).log, on: disk)
    } catch {
      switch error {
      case .noLedger: break
      case .disk(let error) where error.errno == ENOTDIR: break
      default: throw error
      }
      do throws(LogError) {
        try self.init(path, on: disk)
      } catch {
        if case .disk(let error) = error, error.errno == EISDIR {
          throw .noLedger(folder: path)
        }
        throw error
      }
    }
  }

  /// Its length in bytes, with everything that is not durable yet.
  package var size: UInt64 {
    get throws(LogError) {
      UInt64(try asking { () throws(DiskError) in try disk.size(of: descriptor) })
    }
  }

  var descriptor: Descriptor { file.descriptor }

  /// - Throws: ``LogError/header(_:path:)``, ``LogError/empty(path:)``, ``LogError/disk(_:)``.
  package func header() throws(LogError) -> FileHeader {
    let bytes = try bytes(in: 0..<UInt64(FileHeader.size))
    do {
      return try FileHeader.read(bytes.span)
    } catch {
      if case .empty = error { throw .empty(path: path) }
      throw .header(error, path: path)
    }
  }

  /// Fewer where the file ends.
  package func bytes(in range: Range<UInt64>) throws(LogError) -> [UInt8] {
    try asking { () throws(DiskError) in
      try disk.read(descriptor, at: Int(range.lowerBound), count: range.count)
    }
  }

  /// Not durable before ``sync()``.
  package func write(_ bytes: [UInt8], at offset: UInt64) throws(LogError) {
    try asking { () throws(DiskError) in try disk.write(bytes, to: descriptor, at: Int(offset)) }
  }

  package func writeZeros(in range: Range<UInt64>) throws(LogError) {
    try asking { () throws(DiskError) in
      try disk.writeZeros(to: descriptor, in: Int(range.lowerBound)..<Int(range.upperBound))
    }
  }

  package func truncate(to size: UInt64) throws(LogError) {
    try asking { () throws(DiskError) in try disk.truncate(descriptor, to: Int(size)) }
  }

  package func sync() throws(LogError) {
    try asking { () throws(DiskError) in try disk.sync(descriptor) }
  }

  package func close() throws(LogError) {
    try asking { () throws(DiskError) in try file.close() }
  }

  /// Keeps every writer out until the file is closed.
  ///
  /// - Throws: ``LogError/held(folder:by:)`` if there is one.
  package func lock(in folder: StorageFolder) throws(LogError) {
    let isMine = try asking { () throws(DiskError) in try disk.lock(descriptor) }
    guard isMine else {
      throw .held(folder: folder.path, by: LockNote(in: folder, on: disk).holder)
    }
  }

  /// Whether the file still bears its name.
  package var isNamed: Bool {
    get throws(LogError) {
      try asking { () throws(DiskError) in
        try disk.identity(at: path) == disk.identity(of: descriptor)
      }
    }
  }

  private func asking<Value>(_ body: () throws(DiskError) -> Value) throws(LogError) -> Value {
    do { return try body() } catch { throw .disk(error) }
  }
}

extension Log {
  /// The file of this log, opened once more.
  package func openFile() throws(LogError) -> LogFile { try LogFile(folder.log, on: disk) }
}
