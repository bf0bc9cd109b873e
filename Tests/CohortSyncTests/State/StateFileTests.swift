import CohortModel
import Foundation
import TestSupport
import Testing

@testable import CohortSync

/// A folder that goes when the test ends.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/sync-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  func bytes(_ name: String) throws -> [UInt8] { try FileSystem.read("\(path)/\(name)") }
}

@Suite struct `The state of a sync` {
  static func head(_ baseline: Int) throws -> StateHead {
    let file = try SyncFile(parsing: Array(`The file of a sync`.full.utf8))
    return StateHead(
      destination: StateHead.Destination(file), baseline: baseline, name: "Repeat \"buyers\"",
      namedAt: Instant(microseconds: 1_000_001))
  }

  static func write(_ identifiers: Identifiers, _ standings: [Standing], to path: String) throws {
    try StateFile.write(path, head(identifiers.count)) { body throws(FileFailure) in
      for rank in 0..<identifiers.count {
        try body(identifiers[rank].span, identifiers.key(rank).span, standings[rank])
      }
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `comes back as it was written`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let folder = try TestFolder()
    let identifiers = try `The difference`.identifiers(`The difference`.texts(400, &random))
    let standings = (0..<identifiers.count).map { _ in
      Standing.allCases.randomElement(using: &random) ?? .member
    }
    try Self.write(identifiers, standings, to: "\(folder.path)/a")
    let state = try StateFile.read("\(folder.path)/a")
    #expect(state.head == (try Self.head(identifiers.count)))
    #expect(state.known.standings == standings)
    for rank in 0..<identifiers.count {
      #expect(state.known.identifiers[rank] == identifiers[rank])
      #expect(state.known.identifiers.key(rank) == identifiers.key(rank))
    }
  }

  @Test func `is damaged if any byte is cut off or any bit is another`() throws {
    let folder = try TestFolder()
    let identifiers = try `The difference`.identifiers(["a", "ab", "c"].map { Array($0.utf8) })
    try Self.write(identifiers, [.member, .unsure, .merged], to: "\(folder.path)/a")
    let bytes = try folder.bytes("a")
    for count in 0..<bytes.count {
      #expect(throws: StateError.damaged) { try StateFile(decoding: Array(bytes[..<count])) }
    }
    for bit in 0..<bytes.count * 8 {
      var other = bytes
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: StateError.damaged) { try StateFile(decoding: other) }
    }
    #expect(throws: StateError.none) { try StateFile.read("\(folder.path)/b") }
  }

  @Test func `shows its head before it is proved, if it is whole and of this release`() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a"
    try Self.write(`The difference`.identifiers([Array("a".utf8)]), [.member], to: path)
    let bytes = try folder.bytes("a")
    let end = 13 + Int(bytes[9]) + Int(bytes[10]) << 8
    for count in 0...bytes.count {
      try folder.write(Array(bytes[..<count]), to: "a")
      #expect(StateFile.peek(path) == (count < end ? nil : try Self.head(1)))
    }
    for place in 0..<13 {
      var other = bytes
      other[place] ^= 0x80
      try folder.write(other, to: "a")
      #expect(StateFile.peek(path) == nil)
    }
    #expect(StateFile.peek("\(folder.path)/b") == nil)
    #expect(StateFile.peek(folder.path) == nil)
  }

  @Test func `stays the old one until the new one is whole`() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a"
    let identifiers = try `The difference`.identifiers([Array("a".utf8)])
    try Self.write(identifiers, [.member], to: path)
    let old = try folder.bytes("a")
    // Whatever a killed writer left behind.
    try folder.write("COHORTSY half of it", to: "a.new")
    #expect(try folder.bytes("a") == old)
    #expect(throws: FileFailure.self) {
      try StateFile.write(path, Self.head(1)) { body throws(FileFailure) in
        try body([UInt8(1)].span, [UInt8(2)].span, .member)
        throw FileFailure(ENOSPC)
      }
    }
    #expect(try folder.bytes("a") == old)
    try Self.write(identifiers, [.unsure], to: path)
    #expect(try StateFile.read(path).known.standings == [.unsure])
  }

  @Test func `can be read by its owner alone`() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a"
    try Self.write(.none, [], to: path)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `has a history that a cut line does not spoil`() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/h"
    for run in 1...3 {
      let history = try RunHistory(path)
      #expect(history.last?.run == (run == 1 ? nil : run - 1))
      try history.append(RunReport(sync: "s", run: run, started: Instant(microseconds: 7)))
    }
    let bytes = try folder.bytes("h")
    for count in 0..<bytes.count {
      try Data(bytes[..<count]).write(to: URL(fileURLWithPath: path))
      let whole = bytes[..<count].split(separator: 10).count
      let history = try RunHistory(path)
      // A line is cut or it is not; without its line break it is still whole.
      #expect((max(0, whole - 1)...whole).contains(history.records.count))
      try history.append(RunReport(sync: "s", run: 9, started: Instant(microseconds: 7)))
      let after = try RunHistory(path)
      #expect(after.records.dropLast() == history.records[...])
      #expect(after.last?.run == 9)
    }
  }
}
