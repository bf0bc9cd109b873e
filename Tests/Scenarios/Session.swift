import CohortLog
import Glibc
import TestSupport

/// A shell in a folder of its own, in which `cohort` is the program that was built with the tests.
///
/// The folder looks like a checkout, so that the ledger is the default one.
struct Session: ~Copyable {
  struct Run {
    let code: Int32
    let output: [String]
    let words: [String]
  }

  private let folder: TemporaryFolder

  init() throws {
    let made = try TemporaryFolder()
    try PosixDisk().makeDirectory(made.path + "/Storage")
    try Folders.write([], to: made.path + "/Storage/FORMAT.md")
    folder = made
  }

  var path: String { folder.path }

  func write(_ name: String, _ text: String) throws {
    try Folders.write(Array(text.utf8), to: "\(path)/\(name)")
  }

  /// Runs a line of shell.
  func run(_ line: String) throws -> Run {
    let script = """
      PATH='\(Folders.program)':"$PATH"
      export LC_ALL=C.UTF-8 TMPDIR='\(path)'
      cd '\(path)' || exit 99
      { \(line)
      } >'\(path)/.output' 2>'\(path)/.words'
      """
    try Folders.write(Array(script.utf8), to: "\(path)/.script")
    let status = unsafe system("/bin/sh '\(path)/.script'")
    return Run(
      code: status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F),
      output: try lines(".output"), words: try lines(".words"))
  }

  private func lines(_ name: String) throws -> [String] {
    var lines = try Folders.read("\(path)/\(name)")
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

enum Folders {
  /// Where the program lies: beside the tests.
  static var program: String {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe buffer.baseAddress.map { unsafe readlink("/proc/self/exe", $0, buffer.count) } ?? 0
    }
    let path = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }

  /// Beside this file.
  static var transcripts: String {
    let path = #filePath
    return path[..<(path.lastIndex(of: "/") ?? path.startIndex)] + "/Transcripts"
  }

  static func names() throws -> [String] {
    try PosixDisk().list(transcripts).filter { $0.hasSuffix(".txt") }
  }

  static func read(_ path: String) throws -> String {
    let disk = PosixDisk()
    let file = try disk.open(path, .read)
    defer { try? disk.close(file) }
    return String(
      decoding: try disk.read(file, at: 0, count: disk.size(of: file)), as: UTF8.self)
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    let disk = PosixDisk()
    let file = try disk.open(path, .create)
    defer { try? disk.close(file) }
    try disk.truncate(file, to: 0)
    try disk.write(bytes, to: file, at: 0)
  }
}
