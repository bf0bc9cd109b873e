import CohortFormat
import CohortLog
import CohortModel
import Foundation
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `An export of changes` {
  @Test(arguments: [1, 300, 1 << 20])
  func `folded row by row gives every cohort's members, whatever the size of its files`(
    fileSize: Int
  ) throws {
    let story = try KeptStory()
    let view = story.ledger.now
    let report = try view.exportChanges(
      to: "/export", as: .ndjson, fileSize: fileSize, on: story.disk)
    #expect(report.head == view.treeHead)
    var members: [String: Set<UInt32>] = [:]
    for file in report.files {
      let bytes = try read("/export/\(file.name)", story.disk)
      let digest = SHA256.digest(bytes.span)
      #expect(digest == file.digest && bytes.count == file.bytes)
      let lines = bytes.split(separator: 0x0A)
      #expect(lines.count == file.rows)
      for line in lines {
        let row = try object(Array(line))
        let cohort = row["cohort_id"] as? String ?? ""
        let user = UInt32(row["user"] as? Int ?? 0)
        let position = Position(UInt64(row["position"] as? Int ?? 0))
        #expect(file.first <= position && position <= file.last)
        let isEntering = row["direction"] as? String == "entered"
        var users = members[cohort] ?? []
        let isChange = isEntering ? users.insert(user).inserted : users.remove(user) != nil
        #expect(isChange)
        members[cohort] = users
      }
    }
    for cohort in ["vip", "new"] {
      let now = try view.members(of: story.shop.cohort(Text(cohort))).users
      #expect(members[cohort]?.sorted() ?? [] == now)
    }
    #expect((report.files.count > 4) == (fileSize < 1_000))
    let manifest = try object(try read("/export/manifest.json", story.disk))
    #expect(manifest["position"] as? Int == Int(view.position.rawValue))
    #expect((manifest["files"] as? [Any])?.count == report.files.count)
  }

  @Test func `as CSV has the same rows, quoted where they must be`() throws {
    let shop = try TestShop()
    try shop.create(["a,b", "say \"hi\"", "plain"])
    try shop.push("vip", add: ["a,b", "say \"hi\"", "plain"])
    _ = try shop.ledger.erase(.externalID("plain"))
    let report = try shop.ledger.now.exportChanges(
      to: "/export", as: .csv, fileSize: 1 << 20, on: shop.disk)
    let text = String(
      decoding: try read("/export/\(report.files[0].name)", shop.disk), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(
      lines[0] == "position,time_us,partner,cohort_id,kind,direction,user,"
        + "external_id,alias_label,alias_name,device_id")
    #expect(lines[1].hasSuffix(",hightouch,vip,import,entered,1,\"a,b\",,,"))
    #expect(lines[2].hasSuffix(",entered,2,\"say \"\"hi\"\"\",,,"))
    #expect(lines[3].hasSuffix(",entered,3,,,,"))
    #expect(lines[4].hasSuffix(",hightouch,vip,deletion,left,3,,,,"))
    #expect(lines.count == 5)
  }

  @Test(arguments: ExportFormat.allCases)
  func `without identifiers has the same rows, and nothing personal`(format: ExportFormat) throws {
    let story = try KeptStory()
    let view = story.ledger.now
    let full = try view.exportChanges(to: "/all", as: format, fileSize: 300, on: story.disk)
    let bare = try view.exportChanges(
      to: "/none", as: format, showsIdentifiers: false, fileSize: 300, on: story.disk)
    #expect(full.checkpoint == bare.checkpoint && full.cohorts == bare.cohorts)
    let checkpoint = try view.checkpoint(at: view.position)
    #expect(bare.checkpoint == checkpoint)
    func rows(_ files: [ExportedFile]) -> Int { files.reduce(0) { $0 + $1.rows } }
    #expect(rows(full.files) == rows(bare.files) && rows(full.files) > 0)
    #expect(rows(full.userFiles) == rows(bare.userFiles) && rows(full.userFiles) > 0)
    for file in bare.files + bare.userFiles {
      let text = String(decoding: try read("/none/\(file.name)", story.disk), as: UTF8.self)
      for word in ["external_id", "alias", "device"] { #expect(!text.contains(word)) }
    }
  }

  @Test(arguments: [1, 200, 1 << 20])
  func `says who existed, so that everyone at any position can be counted`(fileSize: Int) throws {
    let story = try KeptStory()
    let view = story.ledger.now
    let report = try view.exportChanges(
      to: "/export", as: .ndjson, fileSize: fileSize, on: story.disk)
    var alive: Set<Int> = []
    for file in report.userFiles {
      #expect(file.cohort == nil)
      for line in try read("/export/\(file.name)", story.disk).split(separator: 0x0A) {
        let row = try object(Array(line))
        let user = row["user"] as? Int ?? 0
        let isNew = row["kind"] as? String == "created"
        let isChange = isNew ? alive.insert(user).inserted : alive.remove(user) != nil
        #expect(isChange)
        if row["kind"] as? String == "merge" { #expect(alive.contains(row["into"] as? Int ?? 0)) }
      }
    }
    let vip = try story.shop.cohort("vip")
    let everyone = try view.users(.or([.includes([vip]), .excludes([vip])])).users
    #expect(alive.sorted() == everyone.map { Int($0) })
    for cohort in report.cohorts {
      let id = try view.state.find(cohort.cohort)
      let members = try view.members(of: id)
      #expect(cohort.size == members.count && cohort.created <= view.position)
    }
  }

  @Test func `divides a change that is longer than two files`() throws {
    let shop = try TestShop()
    let names = (1...200).map { "user-\($0)" }
    try shop.create(names)
    try shop.push("vip", add: names)
    let report = try shop.ledger.now.exportChanges(
      to: "/export", as: .csv, fileSize: 1_000, on: shop.disk)
    #expect(report.files.count > 5 && report.files.allSatisfy { $0.bytes < 2_200 })
    #expect(report.files.reduce(0) { $0 + $1.rows } == 200)
  }

  @Test func `names a user whom a merge or a deletion ends as it was called just before`() throws {
    let shop = try TestShop()
    try shop.create(["a", "b"])
    try shop.push("vip", add: ["a", "b"])
    try shop.submit(.deleteUsers([.externalID("a")], erase: nil))
    let report = try shop.ledger.now.exportChanges(
      to: "/export", as: .ndjson, fileSize: 1 << 20, on: shop.disk)
    for file in [report.files[0], report.userFiles[0]] {
      let last = try read("/export/\(file.name)", shop.disk).split(separator: 0x0A).last ?? []
      let row = try object(Array(last))
      #expect(row["kind"] as? String == "deletion" && row["external_id"] as? String == "a")
    }
  }

  @Test func `interrupted at any operation has no manifest, or is whole`() throws {
    let story = try KeptStory()
    let view = story.ledger.now
    try story.ledger.close()
    var operation = 1
    var isDone = false
    while !isDone {
      let disk = SimulatedDisk()
      disk.inject(.powerLoss, at: operation)
      isDone = (try? view.exportChanges(to: "/export", as: .csv, fileSize: 1, on: disk)) != nil
      disk.repair()
      disk.crash(seed: UInt64(operation))
      if let manifest = try? read("/export/manifest.json", disk) {
        for file in try object(manifest)["files"] as? [[String: Any]] ?? [] {
          let name = file["name"] as? String ?? ""
          let bytes = try read("/export/\(name)", disk)
          let digest = SHA256.digest(bytes.span).description
          #expect(file["sha256"] as? String == digest)
        }
      } else {
        #expect(!isDone)
      }
      operation += 1
    }
    #expect(operation > 20)
  }

  private func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
  }

  private func read(_ path: String, _ disk: SimulatedDisk) throws -> [UInt8] {
    let file = try LogFile(path, on: disk)
    return try file.bytes(in: 0..<file.size)
  }
}
