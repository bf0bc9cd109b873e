import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@Suite struct `A log` {
  @Test func `is begun in a folder that does not exist`() throws {
    let disk = SimulatedDisk()
    let test = try TestLog(on: disk)
    #expect(test.report.isNew)
    #expect(test.report.condition == .writable)
    #expect(test.log.chain.position == .origin)
  }

  @Test func `holds what was appended, after a restart too`() throws {
    let disk = SimulatedDisk()
    var leaves: [Digest] = []
    for start in 0..<4 {
      var test = try TestLog(on: disk, seed: UInt64(start))
      #expect(test.scanned.leaves == leaves)
      for number in 0..<5 {
        leaves += try test.append(sampleEvents(start * 5 + number, size: number * 700)).leaves
      }
      if start.isMultiple(of: 2) { try test.seal() }
      try test.log.close()
    }
    let test = try TestLog(on: disk)
    #expect(test.scanned.leaves == leaves)
    #expect(test.scanned.tree.root == test.log.chain.root)
  }

  @Test func `gives each life of its writer a later generation`() throws {
    let disk = SimulatedDisk()
    for generation in 1...4 {
      var test = try TestLog(on: disk, seed: UInt64(generation))
      #expect(test.log.epoch.generation == UInt32(generation))
      try test.append(sampleEvents(1))
      try test.log.close()
    }
  }
}
