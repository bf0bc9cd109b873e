import Glibc

/// The file `lock`: the process id of whoever holds the ledger, in decimal.
///
/// Only information for the message to a second server. The lock itself is on the log: whatever
/// this file says or whether it exists changes nothing, so its errors are ignored.
struct LockNote {
  private let path: String
  private let disk: any Disk

  init(in folder: StorageFolder, on disk: any Disk) {
    path = folder.lockNote
    self.disk = disk
  }

  func write() {
    guard let file = try? disk.open(path, .create) else { return }
    try? disk.truncate(file, to: 0)
    try? disk.write(Array("\(getpid())\n".utf8), to: file, at: 0)
    try? disk.close(file)
  }

  func delete() { try? disk.unlink(path) }

  /// The holder, as it says itself.
  ///
  /// Only to be asked when the lock is known to be held.
  var holder: Int? {
    guard let file = try? disk.open(path, .read) else { return nil }
    defer { try? disk.close(file) }
    guard let bytes = try? disk.read(file, at: 0, count: 32) else { return nil }
    return Int(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
  }
}
