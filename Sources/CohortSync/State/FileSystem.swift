import CohortWire
import Glibc

/// What the system said instead of doing something.
package struct FileFailure: Error, Hashable, Sendable {
  package let number: Int32

  package init(_ number: Int32) { self.number = number }

  package var words: String {
    unsafe strerror(number).map { unsafe String(cString: $0) } ?? "errno \(number)"
  }
}

/// Files of a sync: read whole, written so that they are the old or the new one at any moment.
package enum FileSystem {
  /// A path, taken from a folder unless it begins at the root.
  package static func path(_ path: String, in folder: String) -> String {
    path.utf8.first == UInt8(ascii: "/") || folder.isEmpty ? path : "\(folder)/\(path)"
  }

  /// The folder that a path lies in.
  package static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
  }

  /// Reads a whole file.
  ///
  /// - Throws: ``FileFailure``; `EFBIG` for more than `limit` bytes.
  package static func read(_ path: String, limit: Int = .max) throws(FileFailure) -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(max(file.size, 0), 1 << 32, limit))
    while true {
      let chunk = try file.read()
      if chunk.isEmpty { return bytes }
      bytes += chunk
      guard bytes.count <= limit else { throw FileFailure(EFBIG) }
    }
  }

  /// Reads what a file begins with, up to 256 KiB.
  static func beginning(of path: String) throws(FileFailure) -> [UInt8] {
    try Descriptor(opening: path, O_RDONLY).read()
  }

  package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Makes a folder that only its owner can look into; that it is there already is no failure.
  package static func makeFolder(_ path: String) throws(FileFailure) {
    guard unsafe mkdir(path, 0o700) != 0 else { return }
    guard errno == EEXIST else { throw FileFailure(errno) }
  }

  /// Replaces a file: a new one is written beside it, synced, and takes its name.
  ///
  /// Whoever is killed leaves the old one or the new one, whole, and perhaps a file `NAME.new` that
  /// the next writer overwrites. Only its owner can read it.
  package static func replace(
    _ path: String, _ body: (inout FileWriter) throws(FileFailure) -> Void
  ) throws(FileFailure) {
    let temporary = path + ".new"
    let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC)
    var writer = FileWriter(file)
    try body(&writer)
    try writer.flush()
    try file.sync()
    guard unsafe rename(temporary, path) == 0 else { throw FileFailure(errno) }
    try Descriptor(opening: folder(of: path), O_RDONLY | O_DIRECTORY).sync()
  }

  /// Appends to a file and syncs it.
  package static func append(_ bytes: [UInt8], to path: String) throws(FileFailure) {
    let isNew = !exists(path)
    let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND)
    try file.write(bytes)
    try file.sync()
    if isNew { try Descriptor(opening: folder(of: path), O_RDONLY | O_DIRECTORY).sync() }
  }
}

/// An open file of this process alone: no program that it starts inherits it.
package final class Descriptor: Sendable {
  package let number: Int32

  package init(opening path: String, _ flags: Int32) throws(FileFailure) {
    while true {
      let number = unsafe open(path, flags | O_CLOEXEC, 0o600)
      if number >= 0 {
        self.number = number
        return
      }
      guard errno == EINTR else { throw FileFailure(errno) }
    }
  }

  /// Takes over a descriptor that nobody else closes.
  init(taking number: Int32) { self.number = number }

  deinit { close(number) }

  var size: Int {
    var status = stat()
    return unsafe fstat(number, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Reads what comes next, up to 256 KiB.
  ///
  /// - Returns: Nothing at the end.
  package func read() throws(FileFailure) -> [UInt8] {
    while true {
      var count = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, initialized in
        count = unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
        initialized = max(count, 0)
      }
      if count >= 0 { return bytes }
      guard errno == EINTR else { throw FileFailure(errno) }
    }
  }

  func write(_ bytes: [UInt8]) throws(FileFailure) {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(number, $0.baseAddress?.advanced(by: start), $0.count - start)
      }
      if count >= 0 { start += count } else if errno != EINTR { throw FileFailure(errno) }
    }
  }

  func sync() throws(FileFailure) {
    while fsync(number) != 0 {
      guard errno == EINTR else { throw FileFailure(errno) }
    }
  }

  /// - Returns: Whether the lock is ours now; nobody is waited for.
  func lock() throws(FileFailure) -> Bool {
    while flock(number, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return false }
      guard errno == EINTR else { throw FileFailure(errno) }
    }
    return true
  }
}

/// Writes a file through a buffer.
package struct FileWriter {
  private static let capacity = 1 << 20
  private let file: Descriptor
  private var buffer: [UInt8] = []

  fileprivate init(_ file: Descriptor) { self.file = file }

  package mutating func write(_ bytes: [UInt8]) throws(FileFailure) {
    // What is long enough by itself is not copied.
    if buffer.isEmpty, bytes.count >= Self.capacity { return try file.write(bytes) }
    buffer += bytes
    if buffer.count >= Self.capacity { try flush() }
  }

  fileprivate mutating func flush() throws(FileFailure) {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
