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
}
