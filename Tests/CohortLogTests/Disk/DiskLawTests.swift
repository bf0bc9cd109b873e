import CohortLog
import Glibc
import TestSupport
import Testing

@Suite struct `Every disk` {
  @Test(arguments: DiskUnderTest.allCases)
  func `holds what an array would hold after any script of writes and cuts`(
    _ implementation: DiskUnderTest
  ) throws {
    try implementation.obeys { disk, folder in
      var random = SeededRandom(seed: 1)
      let file = try disk.open("\(folder)/a", .createNew)
      var model: [UInt8] = []
      for _ in 0..<400 {
        let offset = random.below(10_000)
        switch random.below(4) {
        case 0:
          try disk.truncate(file, to: offset)
          if offset < model.count { model.removeLast(model.count - offset) }
          model += [UInt8](repeating: 0, count: offset - model.count)
        case 1, 2:
          let bytes = random.bytes(random.below(1_500))
          try disk.write(bytes, to: file, at: offset)
          if !bytes.isEmpty {
            model += [UInt8](repeating: 0, count: max(0, offset + bytes.count - model.count))
            model.replaceSubrange(offset..<offset + bytes.count, with: bytes)
          }
        default: try disk.sync(file)
        }
        #expect(try disk.size(of: file) == model.count)
        let count = random.below(3_000)
        let expected = Array(model.dropFirst(offset).prefix(count))
        #expect(try disk.read(file, at: offset, count: count) == expected)
      }
      #expect(try disk.read(file, at: 0, count: model.count + 1) == model)
      try disk.close(file)
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `appends what it reads to what is there`(_ implementation: DiskUnderTest) throws {
    try implementation.obeys { disk, folder in
      let file = try disk.open("\(folder)/a", .create)
      try disk.write([1, 2, 3, 4], to: file, at: 0)
      var bytes: [UInt8] = [9]
      try disk.read(file, at: 1, count: 2, appendingTo: &bytes)
      #expect(bytes == [9, 2, 3])
      try disk.read(file, at: 2, count: 5, appendingTo: &bytes)
      #expect(bytes == [9, 2, 3, 3, 4])
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `opens by mode what is there and what is not`(_ implementation: DiskUnderTest) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      for mode in OpenMode.allCases {
        let (absent, present) = ("\(folder)/absent-\(mode)", "\(folder)/present-\(mode)")
        try disk.close(disk.open(present, .createNew))

        let makes = mode == .create || mode == .createNew
        let onAbsent = failure { () throws(DiskError) in try disk.close(disk.open(absent, mode)) }
        #expect(onAbsent == (makes ? nil : DiskError(.open, errno: ENOENT, path: absent)))
        #expect(try (disk.identity(at: absent) != nil) == makes)

        let onPresent = failure { () throws(DiskError) in try disk.close(disk.open(present, mode)) }
        let expected = DiskError(.open, errno: EEXIST, path: present)
        #expect(onPresent == (mode == .createNew ? expected : nil))
      }
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `refuses to write through a descriptor opened for reading`(
    _ implementation: DiskUnderTest
  ) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      let path = "\(folder)/a"
      try disk.close(disk.open(path, .createNew))
      let file = try disk.open(path, .read)
      let onWrite = failure { () throws(DiskError) in try disk.write([1], to: file, at: 0) }
      #expect(onWrite == DiskError(.write, errno: EBADF, path: path))
      let onCut = failure { () throws(DiskError) in try disk.truncate(file, to: 1) }
      #expect(onCut == DiskError(.truncate, errno: EINVAL, path: path))
      #expect(try disk.size(of: file) == 0)
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `keeps a file that is open when its name goes, and knows it apart from its successor`(
    _ implementation: DiskUnderTest
  ) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      let path = "\(folder)/a"
      let first = try disk.open(path, .createNew)
      try disk.write([1], to: first, at: 0)
      #expect(try disk.identity(at: path) == disk.identity(of: first))
      try disk.unlink(path)
      #expect(try disk.identity(at: path) == nil)
      #expect(try disk.read(first, at: 0, count: 9) == [1])

      let second = try disk.open(path, .createNew)
      #expect(try disk.identity(at: path) == disk.identity(of: second))
      #expect(try disk.identity(of: first) != disk.identity(of: second))

      try disk.rename(path, to: "\(folder)/b")
      #expect(try disk.identity(at: path) == nil)
      #expect(try disk.identity(at: "\(folder)/b") == disk.identity(of: second))
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `replaces the file whose name is taken by a renaming`(
    _ implementation: DiskUnderTest
  ) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      for (name, byte): (String, UInt8) in [("new", 2), ("old", 1)] {
        let file = try disk.open("\(folder)/\(name)", .createNew)
        try disk.write([byte], to: file, at: 0)
        try disk.close(file)
      }
      try disk.rename("\(folder)/new", to: "\(folder)/old")
      try disk.syncDirectory(folder)
      #expect(try disk.list(folder) == ["old"])
      let file = try disk.open("\(folder)/old", .read)
      #expect(try disk.read(file, at: 0, count: 2) == [2])
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `lists what was made in a directory, sorted`(_ implementation: DiskUnderTest) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      #expect(try disk.list(folder) == [])
      for name in ["c", "a", "é", "b"] { try disk.close(disk.open("\(folder)/\(name)", .create)) }
      try disk.makeDirectory("\(folder)/d")
      #expect(try disk.list(folder) == ["a", "b", "c", "d", "é"])
      #expect(try disk.list("\(folder)/d") == [])
      try disk.syncDirectory("\(folder)/d")
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `says which call failed, why, and on which path`(_ implementation: DiskUnderTest) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      let (gone, directory) = ("\(folder)/gone", "\(folder)/directory")
      try disk.makeDirectory(directory)
      let closed = try disk.open("\(folder)/a", .create)
      try disk.close(closed)

      let failures: [(DiskError?, DiskError.Call, Int32, String)] = [
        (failure { () throws(DiskError) in try disk.unlink(gone) }, .unlink, ENOENT, gone),
        (
          failure { () throws(DiskError) in try disk.unlink(directory) }, .unlink, EISDIR, directory
        ),
        (
          failure { () throws(DiskError) in try disk.rename(gone, to: "\(folder)/x") },
          .rename, ENOENT, gone
        ),
        (
          failure { () throws(DiskError) in try disk.rename(directory, to: "\(folder)/a") },
          .rename, ENOTDIR, directory
        ),
        (
          failure { () throws(DiskError) in try disk.rename("\(folder)/a", to: directory) },
          .rename, EISDIR, "\(folder)/a"
        ),
        (
          failure { () throws(DiskError) in try disk.rename(directory, to: "\(directory)/x") },
          .rename, EINVAL, directory
        ),
        (failure { () throws(DiskError) in try disk.list(gone) }, .list, ENOENT, gone),
        (
          failure { () throws(DiskError) in try disk.list(closed.path) }, .list, ENOTDIR,
          closed.path
        ),
        (
          failure { () throws(DiskError) in try disk.syncDirectory(gone) },
          .syncDirectory, ENOENT, gone
        ),
        (
          failure { () throws(DiskError) in try disk.makeDirectory(directory) },
          .makeDirectory, EEXIST, directory
        ),
        (
          failure { () throws(DiskError) in try disk.makeDirectory("\(gone)/x") },
          .makeDirectory, ENOENT, "\(gone)/x"
        ),
        (
          failure { () throws(DiskError) in try disk.freeSpace(at: gone) }, .freeSpace, ENOENT, gone
        ),
        (
          failure { () throws(DiskError) in try disk.size(of: closed) }, .status, EBADF, closed.path
        ),
        (failure { () throws(DiskError) in try disk.sync(closed) }, .sync, EBADF, closed.path),
        (failure { () throws(DiskError) in try disk.lock(closed) }, .lock, EBADF, closed.path),
        (failure { () throws(DiskError) in try disk.close(closed) }, .close, EBADF, closed.path),
        (
          failure { () throws(DiskError) in try disk.read(closed, at: 0, count: 1) },
          .read, EBADF, closed.path
        ),
        (
          failure { () throws(DiskError) in try disk.write([1], to: closed, at: 0) },
          .write, EBADF, closed.path
        ),
      ]
      for (found, call, errno, path) in failures {
        #expect(found == DiskError(call, errno: errno, path: path))
      }
      #expect(try disk.freeSpace(at: folder) > 0)
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `refuses to open anything but a regular file with one name`(
    _ implementation: DiskUnderTest
  ) throws {
    try implementation.obeys { world in
      let disk = world.disk
      let (file, twin) = ("\(world.folder)/file", "\(world.folder)/twin")
      try disk.close(disk.open(file, .createNew))
      try world.link(file, twin)
      var refusals: [(String, Int32)] = [(file, EMLINK), (twin, EMLINK)]
      let kinds: [(FileStatus.Kind, Int32)] = [
        (.symbolicLink, ELOOP), (.directory, EISDIR), (.other, ENXIO),
      ]
      for (kind, errno) in kinds {
        try world.plant(kind, "\(world.folder)/\(kind)")
        refusals.append(("\(world.folder)/\(kind)", errno))
      }
      for (path, errno) in refusals {
        for mode: OpenMode in [.read, .readAndWrite, .create] {
          let error = failure { () throws(DiskError) in try disk.open(path, mode) }
          #expect(error == DiskError(.open, errno: errno, path: path), "\(mode)")
        }
      }
      try disk.unlink(twin)
      try disk.close(disk.open(file, .read))
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `locks a file until the opening that locked it is closed, and not before`(
    _ implementation: DiskUnderTest
  ) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      let path = "\(folder)/lock"
      let holder = try disk.open(path, .create)
      #expect(try disk.lock(holder))
      #expect(try disk.lock(holder), "it has it already")

      let other = try disk.open(path, .read)
      #expect(try !disk.lock(other))
      try disk.close(other)
      try disk.close(disk.open(path, .readAndWrite))
      let another = try disk.open(path, .readAndWrite)
      #expect(try !disk.lock(another), "a POSIX record lock would be gone by now")

      try disk.close(holder)
      #expect(try disk.lock(another))
    }
  }

  @Test(arguments: DiskUnderTest.allCases)
  func `gives the lock back when any copy of the descriptor is closed`(
    _ implementation: DiskUnderTest
  ) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      let calls = try #require(disk as? any SystemCalls)
      let holder = try disk.open("\(folder)/lock", .create)
      let twin = try calls.duplicate(holder.number, atLeast: 3)
      #expect(try disk.lock(holder))
      try calls.flock(twin)
      let other = try disk.open("\(folder)/lock", .read)
      #expect(try !disk.lock(other))
      try disk.close(holder)
      #expect(try disk.lock(other), "else a child that was just begun would keep it")
      try calls.close(twin)
    }
  }

  /// A file system may call a hole written, but never the other way round.
  @Test(arguments: DiskUnderTest.allCases)
  func `leaves only zeros out of the ranges it calls written`(
    _ implementation: DiskUnderTest
  ) throws {
    try implementation.obeys { (disk: any Disk, folder) in
      var random = SeededRandom(seed: 2)
      for round in 0..<20 {
        let file = try disk.open("\(folder)/\(round)", .createNew)
        #expect(try disk.writtenRange(of: file, from: 0) == nil)
        for _ in 0..<random.below(5) {
          let bytes = random.bytes(1 + random.below(6_000))
          try disk.write(bytes, to: file, at: random.below(20) * 50_000)
        }
        try disk.truncate(file, to: random.below(1_000_000))
        let size = try disk.size(of: file)
        let bytes = try disk.read(file, at: 0, count: size)

        var rest = bytes
        var end = 0
        while let range = try disk.writtenRange(of: file, from: end) {
          #expect(!range.isEmpty && range.lowerBound >= end && range.upperBound <= size)
          rest.replaceSubrange(range, with: repeatElement(0, count: range.count))
          end = range.upperBound
        }
        #expect(rest == [UInt8](repeating: 0, count: size))
        #expect(try disk.writtenRange(of: file, from: size) == nil)
        #expect(try disk.writtenRange(of: file, from: size + 1) == nil)
      }
    }
  }
}
