import CohortFormat
import CohortModel
import Foundation
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A membership proof` {
  @Test func `holds the whole story of a person, and opens only their own texts`() throws {
    let story = try KeptStory()
    let fay = try #require(story.ledger.now.user(.externalID("fay")))
    let cohort = try story.shop.cohort("vip")
    let proof = try story.ledger.now.prove(fay, cohort)
    #expect(proof.isMember && proof.users == [fay])
    #expect(proof.head == story.ledger.now.treeHead)
    let texts = proof.events.flatMap(\.openings).map { String(decoding: $0.text, as: UTF8.self) }
    #expect(texts == ["fay"])
    for event in proof.events {
      #expect(
        MerkleProof.verifyInclusion(
          of: try story.ledger.now.leafHash(of: event.position),
          at: event.position.rawValue - 1, in: proof.head.size, root: proof.head.root,
          proof: event.path))
    }
    // Others came with her, by number only.
    #expect(!proof.reveals.isEmpty && !proof.reveals.contains(fay))
  }

  @Test func `is accepted by a verifier that shares no code, for everyone, now and then`() throws {
    let story = try KeptStory()
    let end = story.end.rawValue
    for position in [end / 2, end] {
      let view = try story.ledger.view(asOf: .position(Position(position)))
      for number in 1...UInt32(view.state.directory.userCount) {
        let user = UserID(number)
        guard case .active = view.status(of: user), view.exists(CohortID(1)) else { continue }
        let proof = try view.prove(user, CohortID(1))
        let (code, output) = try verify(proof.json, proof.head)
        #expect(code == 0, "\(user) at \(position): \(output)")
        #expect(output.hasSuffix(proof.isMember ? "\nmember\n" : "not a member\n"))
      }
    }
  }

  @Test func `is refused by it when anything is changed`() throws {
    let story = try KeptStory()
    let fay = try #require(story.ledger.now.user(.externalID("fay")))
    let proof = try story.ledger.now.prove(fay, try story.shop.cohort("vip"))
    let json = proof.json
    let event = try #require(proof.events.last)
    let opening = try #require(proof.events.flatMap(\.openings).first)
    func hex(_ bytes: [UInt8]) -> String {
      bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
    var edited = event.bytes
    edited[edited.count - 1] ^= 1
    var nonce = opening.nonce
    nonce[0] ^= 1
    let path = try #require(event.path.first).description
    let changes: [(String, String)] = [
      (hex(event.bytes), hex(edited)),
      (hex(opening.nonce), hex(nonce)),
      (hex(Array("fay".utf8)), hex(Array("eve".utf8))),
      (path, String(path.reversed())),
      ("\"is_member\":true", "\"is_member\":false"),
      ("\"position\":\(event.position.rawValue)", "\"position\":\(event.position.rawValue + 1)"),
      ("\"time_us\":\(event.time.microseconds)", "\"time_us\":\(event.time.microseconds + 1)"),
      ("\"users\":[\(fay.rawValue)]", "\"users\":[\(fay.rawValue - 1)]"),
    ]
    #expect(try verify(json, proof.head).code == 0)
    for (old, new) in changes {
      try #require(json.contains(old))
      let (code, output) = try verify(
        json.replacingOccurrences(of: old, with: new), proof.head)
      #expect(code == 1, "\(old) became \(new): \(output)")
    }
    let other = TreeHead(size: proof.head.size, root: event.path[0])
    #expect(try verify(json, other).code == 1)
  }

  @Test func `opens nothing that was erased, and still holds`() throws {
    let shop = try TestShop()
    try shop.create(["anna", "bert"])
    try shop.push("vip", add: ["anna", "bert"])
    let before = try shop.ledger.now.prove(UserID(1), CohortID(1))
    #expect(before.events.flatMap(\.openings).count == 1)
    _ = try shop.ledger.erase(.externalID("anna"))
    let after = try shop.ledger.now.prove(UserID(1), CohortID(1))
    #expect(after.events.flatMap(\.openings).isEmpty && !after.isMember)
    #expect(try verify(after.json, after.head).code == 0)
    // What was proven before stays proven.
    #expect(try verify(before.json, before.head).code == 0)
  }

  @Test func `writes JSON that others read, whatever the names are`() throws {
    var json = PlainJSON()
    let odd = "\"\\\u{0}\u{1f}\n\u{7f}é𝄞"
    json.object { json in
      json.key("odd")
      json.string(odd)
      json.key("list")
      json.list([1, 2]) { $0.number($1) }
      json.key("none")
      json.null()
    }
    let value = try JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String: Any]
    #expect(value?["odd"] as? String == odd)
    #expect(value?["list"] as? [Int] == [1, 2])
    #expect(value?["none"] is NSNull)
  }

  private func verify(_ json: String, _ head: TreeHead) throws -> (code: Int32, output: String) {
    let place = try TemporaryFolder()
    let file = "\(place.path)/proof.json"
    try Data(json.utf8).write(to: URL(fileURLWithPath: file))
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", root.appendingPathComponent("Tools/Checks/verify_proof.py").path, file,
      String(head.size), head.root.description,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
