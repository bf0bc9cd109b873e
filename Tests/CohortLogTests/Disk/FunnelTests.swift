import CohortLog
import Glibc
import TestSupport
import Testing

@Suite struct `A call that stumbles` {
  /// What may happen to one attempt without the operation being over.
  private static let stumbles: [DiskFault.Effect] = [
    .error(EINTR), .zero, .short(1), .short(2), .short(3),
  ]

  /// Every sequence of up to four stumbles.
  private static let sequences: [[DiskFault.Effect]] = {
    var all: [[DiskFault.Effect]] = [[]]
    var longest = all
    for _ in 0..<4 {
      longest = longest.flatMap { sequence in stumbles.map { sequence + [$0] } }
      all += longest
    }
    return all
  }()

  private let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]

  @Test func `writes everything all the same`() throws {
    for sequence in Self.sequences {
      let disk = SimulatedDisk()
      let file = try disk.open("/a", .create)
      for (index, effect) in sequence.enumerated() {
        disk.inject(effect, on: .write, at: index + 1)
      }
      try disk.write(bytes, to: file, at: 2)
      #expect(disk.contents(of: "/a") == [0, 0] + bytes, "\(disk.trace)")
    }
  }

  @Test func `reads everything all the same, and no more`() throws {
    let whole = SimulatedDisk()
    try whole.place(bytes, at: "/a")
    for sequence in Self.sequences {
      let disk = whole.copy()
      let file = try disk.open("/a", .read)
      for (index, effect) in sequence.enumerated() { disk.inject(effect, on: .read, at: index + 1) }
      #expect(try disk.read(file, at: 1, count: 6) == Array(bytes[1..<7]), "\(disk.trace)")
      #expect(try disk.read(file, at: 7, count: 6) == [8, 9], "\(disk.trace)")
    }
  }

  @Test func `has patience as long as there is some progress`() throws {
    let disk = SimulatedDisk()
    let file = try disk.open("/a", .create)
    for call in [DiskError.Call.write, .read] {
      for number in 1...64 {
        disk.inject(number.isMultiple(of: 8) ? .short(1) : .zero, on: call, at: number)
      }
    }
    try disk.write(bytes, to: file, at: 0)
    #expect(try disk.read(file, at: 0, count: 9) == bytes)
  }

  @Test func `gives up writing when nothing is ever written`() throws {
    let disk = SimulatedDisk()
    let file = try disk.open("/a", .create)
    let before = disk.operations
    disk.inject(.zero, on: .write, times: .max)
    let error = failure { () throws(DiskError) in try disk.write(bytes, to: file, at: 0) }
    #expect(error == DiskError(.write, errno: EIO, path: "/a"))
    #expect(disk.operations - before <= 10)
  }

  @Test func `gives up reading when nothing is ever read though the file goes on`() throws {
    let disk = SimulatedDisk()
    try disk.place(bytes, at: "/a")
    let file = try disk.open("/a", .read)
    disk.inject(.zero, on: .read, at: 3, times: .max)
    disk.inject(.short(1), on: .read, times: 2)
    var read: [UInt8] = []
    let error = failure { () throws(DiskError) in
      try disk.read(file, at: 0, count: 9, appendingTo: &read)
    }
    #expect(error == DiskError(.read, errno: EIO, path: "/a"))
    #expect(read == [1, 2], "what was read stands in the output")
  }

  @Test func `gives up when it is interrupted without end`() throws {
    let disk = SimulatedDisk()
    let file = try disk.open("/a", .create)
    disk.inject(.error(EINTR), times: .max)
    for call in [DiskError.Call.write, .read, .sync] {
      let error = failure { () throws(DiskError) in
        switch call {
        case .write: try disk.write(bytes, to: file, at: 0)
        case .read: _ = try disk.read(file, at: 0, count: 1)
        default: try disk.sync(file)
        }
      }
      #expect(error == DiskError(call, errno: EINTR, path: "/a"))
    }
  }

  @Test func `is as if it had not, wherever it is interrupted`() throws {
    let smooth = SimulatedDisk()
    try script(on: smooth)
    for number in 1...smooth.operations {
      let disk = SimulatedDisk()
      disk.inject(.error(EINTR), at: number)
      try script(on: disk)
      #expect(disk.contents(of: "/d/b") == smooth.contents(of: "/d/b"), "\(disk.trace)")
      #expect(disk.openFiles == 0)
      #expect(!disk.isPending)
    }
  }

  /// Makes every call of the protocol at least once.
  private func script(on disk: SimulatedDisk) throws {
    try disk.makeDirectory("/d")
    try disk.syncDirectory("/")
    let file = try disk.open("/d/a", .create)
    #expect(try disk.lock(file))
    try disk.write(bytes, to: file, at: 0)
    try disk.truncate(file, to: 5)
    try disk.sync(file)
    #expect(try disk.read(file, at: 0, count: 9) == [1, 2, 3, 4, 5])
    #expect(try disk.identity(at: "/d/a") == disk.identity(of: file))
    #expect(try disk.freeSpace(at: "/d") > 0)
    #expect(try disk.writtenRange(of: file, from: 1) == 1..<5)
    try disk.rename("/d/a", to: "/d/b")
    try disk.close(disk.open("/d/c", .createNew))
    try disk.unlink("/d/c")
    try disk.syncDirectory("/d")
    #expect(try disk.list("/d") == ["b"])
    try disk.close(file)
  }

  @Test func `leaves nothing open when opening fails, at whichever call that matters`() throws {
    for number in [1, 2, 4] {
      let disk = SimulatedDisk()
      disk.nextDescriptor = 0
      disk.inject(.error(EIO), at: number)
      let error = failure { () throws(DiskError) in try disk.open("/a", .create) }
      #expect(error == DiskError(.open, errno: EIO, path: "/a"), "\(disk.trace)")
      #expect(disk.openFiles == 0, "\(disk.trace)")
    }
  }

  @Test(arguments: 0..<4 as Range<Int32>)
  func `opens above the standard streams when they are closed`(_ number: Int32) throws {
    let disk = SimulatedDisk()
    disk.nextDescriptor = number
    let file = try disk.open("/a", .create)
    #expect(file.number >= 3)
    #expect(disk.openFiles == 1, "the low number is given back")
    try disk.close(file)
    #expect(disk.openFiles == 0)
  }

  @Test func `closes a file even when that fails`() throws {
    let disk = SimulatedDisk()
    let file = try disk.open("/a", .create)
    disk.inject(.error(EIO), on: .close)
    let error = failure { () throws(DiskError) in try disk.close(file) }
    #expect(error == DiskError(.close, errno: EIO, path: "/a"))
    #expect(disk.openFiles == 0)
  }
}

@Suite struct `A disk error` {
  @Test func `says in two sentences what is so and what to do`() {
    let numbers = [
      ENOSPC, EDQUOT, EFBIG, EACCES, EPERM, EROFS, ENOENT, ENOTDIR, EEXIST, EMFILE, ENFILE, ELOOP,
      EISDIR, ENXIO, EMLINK, ENOLCK, EOPNOTSUPP, EIO, EINVAL, 9_999,
    ]
    for call in DiskError.Call.allCases {
      for number in numbers {
        let text = DiskError(call, errno: number, path: "/data/events log").description
        #expect(text.contains("'/data/events log'"), "\(text)")
        #expect(text.split(separator: ". ").count == 2, "\(text)")
        #expect(text.hasSuffix(".") && !text.contains("\n"), "\(text)")
      }
    }
  }

  @Test func `knows when space ran out`() {
    for number in [ENOSPC, EDQUOT, EFBIG] {
      #expect(DiskError(.write, errno: number, path: "/a").isOutOfSpace)
    }
    #expect(!DiskError(.write, errno: EIO, path: "/a").isOutOfSpace)
  }
}
