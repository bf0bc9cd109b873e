import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// FAULTS 31: whatever is in the files beside the log, the answers are those of the log.
@Suite struct `A file beside the log` {
  @Test
  func `missing, empty, cut, flipped, of another ledger or of a longer log changes no answer`()
    throws
  {
    let story = try told(through: 30)
    let expected = try answers(story.ledger)
    let whole = story.disk.copy()
    try story.ledger.close()
    let names = try sideFiles(story.disk)
    #expect(names.count == 2, "a snapshot and the tiles: \(names)")
    let other = try told(through: 30, seed: 2).disk
    let otherNames = try sideFiles(other)
    var tried = 0
    for (name, otherName) in zip(names, otherNames) {
      let bytes = try #require(whole.contents(of: "/ledger/\(name)"))
      var variants: [[UInt8]?] = [
        nil, [], bytes + bytes, other.contents(of: "/ledger/\(otherName)"),
      ]
      for cut in stride(from: 0, to: bytes.count, by: 64) {
        variants.append(Array(bytes[..<cut]))
        variants.append(bytes)
        variants[variants.count - 1]?[cut + cut / 64 % min(64, bytes.count - cut)] ^= 0x10
      }
      for variant in variants {
        let disk = whole.copy()
        disk.kill()
        if let variant {
          try disk.place(variant, at: "/ledger/\(name)")
        } else {
          try disk.unlink("/ledger/\(name)")
        }
        let ledger = try open(disk)
        try #require(ledger.report.condition == .writable, "\(name) \(variant?.count ?? -1)")
        #expect(try answers(ledger) == expected, "\(name) \(variant?.count ?? -1)")
        try ledger.close()
        tried += 1
      }
    }
    #expect(tried > 100)
  }

  @Test func `that knows more than the log is evidence of a loss, and nothing is made up`() throws {
    let short = try told(through: 20)
    let expected = try answers(short.ledger)
    try short.ledger.close()
    let long = try told(through: 30)
    try long.ledger.close()
    for name in try sideFiles(long.disk) {
      let disk = short.disk.copy()
      for old in try sideFiles(disk) { try disk.unlink("/ledger/\(old)") }
      try disk.place(long.disk.contents(of: "/ledger/\(name)") ?? [], at: "/ledger/\(name)")
      let ledger = try open(disk)
      if name.hasPrefix("snapshot-") {
        guard case .lost = ledger.report.condition else {
          Issue.record("\(ledger.report.condition)")
          continue
        }
      } else {
        #expect(ledger.report.condition == .writable)
      }
      #expect(try answers(ledger) == expected, "\(name)")
      try ledger.close()
    }
  }

  /// A shop with so many imports behind it, a snapshot, and tiles; the same log for the same seed.
  private func told(through rounds: Int, seed: UInt64 = 1) throws -> TestShop {
    let shop = try TestShop(seed: seed)
    try shop.create((0..<40).map { "user-\($0)" })
    for round in 0..<rounds {
      try shop.push(
        Text("c\(round % 2)"), add: ["user-\(round)", "user-\(round * 7 % 40)"],
        remove: ["user-\(round * 3 % 40)"])
    }
    #expect(shop.ledger.keepSnapshot())
    return shop
  }

  private func sideFiles(_ disk: SimulatedDisk) throws -> [String] {
    try disk.list("/ledger").filter { $0 == "tiles" || $0.hasPrefix("snapshot-") }.sorted()
  }

  private func open(_ disk: SimulatedDisk) throws -> Ledger {
    try Ledger.open(
      "/ledger", on: disk, clock: SimulatedClock(), random: SeededRandomSource(seed: 4),
      options: .small)
  }

  /// The members of both cohorts, at every seventh position.
  private func answers(_ ledger: Ledger) throws -> [[LiveUsers]] {
    try stride(from: 0, through: ledger.now.position.rawValue, by: 7).map { number in
      let view = try ledger.view(asOf: .position(Position(number)))
      return try [1, 2].map { try view.members(of: CohortID($0)) }
    }
  }
}
