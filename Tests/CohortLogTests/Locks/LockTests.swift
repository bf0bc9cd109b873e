import CohortFormat
import CohortLog
import CohortModel
import Glibc
import TestSupport
import Testing

/// On real files: locks are the kernel's.
@Suite final class `The lock of a log` {
  let folder: TemporaryFolder
  let disk = PosixDisk()

  init() throws { folder = try TemporaryFolder() }

  private var held: LogError { .held(folder: folder.path, by: Int(getpid())) }

  @Test func `keeps a second server out, and names the first`() throws {
    let first = try TestLog(on: disk, in: folder.path)
    #expect(throws: held) { try TestLog(on: disk, in: folder.path) }
    #expect(throws: held) { try TestLog(on: disk, in: folder.path, for: .write) }
    try first.log.close()
    try TestLog(on: disk, in: folder.path).log.close()
  }

  @Test func `is free as soon as its holder is gone`() throws {
    let simulated = SimulatedDisk()
    var first = try TestLog(on: simulated)
    try first.append(sampleEvents(1))
    simulated.kill()
    _ = try TestLog(on: simulated)
  }

  @Test func `lets readers in`() throws {
    var first = try TestLog(on: disk, in: folder.path)
    let frame = try first.append(sampleEvents(1))
    try first.seal()
    let reader = try TestLog(on: disk, in: folder.path, for: .read)
    #expect(reader.scanned.leaves == frame.leaves)
    try first.append(sampleEvents(2))
  }

  @Test func `is not lost when the file is opened and closed elsewhere in the process`() throws {
    let first = try TestLog(on: disk, in: folder.path)
    try disk.close(disk.open("\(folder.path)/events.log", .readAndWrite))
    #expect(throws: held) { try TestLog(on: disk, in: folder.path) }
    try first.log.close()
  }

  @Test func `does not depend on the note beside it`() throws {
    let first = try TestLog(on: disk, in: folder.path)
    try disk.unlink("\(folder.path)/lock")
    #expect(throws: LogError.held(folder: folder.path, by: nil)) {
      try TestLog(on: disk, in: folder.path)
    }
    try first.log.close()
    let stale = try disk.open("\(folder.path)/lock", .create)
    try disk.write(Array("1\n".utf8), to: stale, at: 0)
    try disk.close(stale)
    let second = try TestLog(on: disk, in: folder.path)
    #expect(throws: held) { try TestLog(on: disk, in: folder.path) }
    try second.log.close()
  }

  @Test func `is the same through another path`() throws {
    let first = try TestLog(on: disk, in: folder.path)
    let other = try TemporaryFolder()
    let link = "\(other.path)/link"
    #expect(unsafe symlink(folder.path, link) == 0)
    for path in [link, folder.path + "/", folder.path + "/."] {
      #expect(throws: LogError.self) { try TestLog(on: disk, in: path) }
    }
    try first.log.close()
  }

  /// FAULTS 63: the second opener lives where the same folder has another path.
  @Test(.enabled(if: canBind, "nobody may mount a folder in two places here"))
  func `is the same through a bind mount`() throws {
    let other = try TemporaryFolder()
    let cohort = Program(product: "cohort").path
    let script = """
      mount --bind '\(folder.path)' '\(other.path)' && test -s '\(other.path)/events.log' || exit 99
      '\(cohort)' partners enable hightouch --storage '\(other.path)' 2>&1
      """
    func enable() throws -> (code: Int32, output: String) {
      try #require(Program(named: "unshare")).run(["-Urm", "sh", "-c", script])
    }
    let first = try TestLog(on: disk, in: folder.path)
    let refused = try enable()
    #expect(refused.code == 4 && refused.output.contains("number \(getpid()),"), "\(refused)")
    try first.log.close()
    let taken = try enable()
    #expect(taken.code == 0, "\(taken)")
  }

  @Test func `is required`() throws {
    let simulated = SimulatedDisk()
    try TestLog(on: simulated).log.close()
    for errno in [ENOLCK, EOPNOTSUPP] {
      simulated.inject(.error(errno), on: .lock)
      #expect(throws: LogError.disk(DiskError(.lock, errno: errno, path: TestLog.path))) {
        try TestLog(on: simulated)
      }
    }
  }

  @Test(arguments: [false, true])
  func `a log that is moved or replaced while open is not written to`(isReplaced: Bool) throws {
    var test = try TestLog(on: disk, in: folder.path)
    let path = "\(folder.path)/events.log"
    let kept = try test.append(sampleEvents(1))
    try disk.rename(path, to: path + ".old")
    if isReplaced { try disk.close(disk.open(path, .createNew)) }
    for _ in 0..<3 {
      #expect(throws: LogError.replaced(path: path)) { try test.append(sampleEvents(2)) }
    }
    #expect(try test.log.reader.frame(containing: Position(1)).bytes == kept.bytes)
    // Even if it comes back: somebody else may have written to it meanwhile.
    if !isReplaced { try disk.rename(path + ".old", to: path) }
    #expect(throws: LogError.replaced(path: path)) { try test.append(sampleEvents(2)) }
    try test.log.close()
  }

  @Test func `what is no regular file with one name is refused`() throws {
    let path = "\(folder.path)/events.log"
    try TestLog(on: disk, in: folder.path).log.close()
    func expectRefused(_ errno: Int32) {
      for access in [LogAccess.create, .write, .read] {
        #expect(throws: LogError.disk(DiskError(.open, errno: errno, path: path))) {
          try TestLog(on: disk, in: folder.path, for: access)
        }
      }
    }
    #expect(unsafe link(path, path + ".other") == 0)
    expectRefused(EMLINK)
    try disk.unlink(path)
    #expect(unsafe symlink(path + ".other", path) == 0)
    expectRefused(ELOOP)
    try disk.unlink(path)
    #expect(unsafe mkfifo(path, 0o600) == 0)
    #expect(throws: LogError.self) { try TestLog(on: disk, in: folder.path) }
    try disk.unlink(path)
    try disk.makeDirectory(path)
    #expect(throws: LogError.self) { try TestLog(on: disk, in: folder.path) }
    #expect(unsafe rmdir(path) == 0)
  }

  @Test func `what is no ledger, or a newer one, is refused and not touched`() throws {
    let path = "\(folder.path)/events.log"
    #expect(throws: LogError.noLedger(folder: folder.path)) {
      try TestLog(on: disk, in: folder.path, for: .write)
    }
    #expect(throws: LogError.noLedger(folder: folder.path)) {
      try TestLog(on: disk, in: folder.path, for: .read)
    }
    #expect(try disk.list(folder.path).isEmpty)

    let ledger = LedgerID(random: SeededRandomSource(seed: 1))
    var newer = FileHeader(ledger: ledger, created: Instant(microseconds: 5)).bytes
    newer[8] = 9
    let checksum = ledger.checksum.checksum(newer.span.extracting(0..<40))
    for index in 0..<4 { newer[40 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index)) }
    let contents: [(bytes: [UInt8], error: LogError)] = [
      ([], .empty(path: path)),
      ([UInt8](repeating: 0, count: 5_000), .empty(path: path)),
      (Array("hello, world".utf8), .header(.cutShort(size: 12), path: path)),
      ([UInt8](repeating: 65, count: 9_000), .header(.notALog, path: path)),
      (newer + [1, 2, 3], .header(.version(9), path: path)),
    ]
    for (bytes, error) in contents {
      let file = try disk.open(path, .create)
      try disk.truncate(file, to: 0)
      try disk.write(bytes, to: file, at: 0)
      let before = try modification(path)
      for access in [LogAccess.create, .write, .read] {
        #expect(throws: error) { try TestLog(on: disk, in: folder.path, for: access) }
      }
      #expect(try disk.read(file, at: 0, count: 10_000) == bytes)
      #expect(try modification(path) == before)
      try disk.close(file)
      #expect(try disk.list(folder.path) == ["events.log"])
    }
  }

  @Test func `files that are none of its own are left alone`() throws {
    let names = ["notes.txt", "snapshot", "torn-x", "events.log.bak", "lock.part.old"]
    for name in names { try disk.close(disk.open("\(folder.path)/\(name)", .createNew)) }
    var test = try TestLog(on: disk, in: folder.path)
    try test.append(sampleEvents(1))
    let anchor = try #require(LogAnchor(test.log.chain))
    try test.log.snapshots.begin(content: 1, behind: anchor).finish()
    #expect(test.log.otherFiles == names.sorted(), "they are told, and nothing else")
    try test.log.close()
    try TestLog(on: disk, in: folder.path).log.close()
    let left = try disk.list(folder.path).filter { names.contains($0) }
    #expect(left == names.sorted())
  }

  @Test func `no descriptor is left open, and none is inherited`() throws {
    let simulated = SimulatedDisk()
    do {
      var test = try TestLog(on: simulated)
      try test.append(sampleEvents(1))
      try test.log.close()
    }
    #expect(simulated.openFiles == 0)
    for call in 1...60 {
      let other = simulated.copy()
      other.inject(.error(EIO), at: call)
      _ = try? TestLog(on: other, for: .write)
      #expect(other.openFiles == 0, "call \(call)")
    }
  }

  private func modification(_ path: String) throws -> Int {
    var status = stat()
    #expect(unsafe stat(path, &status) == 0)
    return status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
  }
}

/// Whether this machine lets an ordinary process have mounts of its own.
private let canBind: Bool = {
  let script = "d=$(mktemp -d); mount --bind $d $d; c=$?; umount $d; rmdir $d; exit $c"
  return (try? Program(named: "unshare")?.run(["-Urm", "sh", "-c", script]).code) == 0
}()
