import CohortModel
import CohortWire
import TestSupport
import Testing

@testable import CohortSync

@Suite struct `Results in plain words` {
  static let kinds: [MatchKind] = [.externalID, .device, .alias(label: "e\"mail")]

  static func answer(
    _ identifiers: [String], _ outcomes: [String], _ kind: MatchKind
  ) -> [UInt8] {
    let results = zip(identifiers, outcomes).map { identifier, outcome -> JSONText in
      switch kind {
      case .externalID:
        ["change": 0, "user_id": .string(identifier), "outcome": .string(outcome)]
      case .device:
        ["change": 0, "device_id": .string(identifier), "outcome": .string(outcome)]
      case .alias(let label):
        [
          "change": 0,
          "alias": [
            "alias_name": .string(identifier), "alias_label": .string(label.description),
          ],
          "outcome": .string(outcome),
        ]
      }
    }
    let body: JSONText = [
      "message": "success", "outcomes": ["added": 1], "results": .array(results), "position": 41,
    ]
    return body.bytes
  }

  static func reader(
    _ identifiers: [String], _ kind: MatchKind, isRemoval: Bool
  ) -> AnswerReader {
    let parcel = parcel(
      removing: isRemoval ? identifiers : [], adding: isRemoval ? [] : identifiers, kind: kind)
    return AnswerReader(.changes(isRemoval: isRemoval, 0..<identifiers.count), parcel)
  }

  @Test(arguments: kinds) func `are read as JSON would be, whatever byte is another`(
    _ kind: MatchKind
  ) {
    for isRemoval in [false, true] {
      let identifiers = ["a", "customer-1", "customer-22"]
      let reader = Self.reader(identifiers, kind, isRemoval: isRemoval)
      let outcomes =
        isRemoval
        ? ["removed", "not_member", "unknown"] : ["added", "already_member", "identified"]
      let body = Self.answer(identifiers, outcomes, kind)
      #expect(reader.read(body)?.fates?.count == 3)
      #expect(
        PlainResults(body, reader.parcel, reader.places, isRemoval: isRemoval)?.fates
          == reader.read(body)?.fates)
      for place in body.indices {
        for byte: UInt8 in [0x20, 0x22, 0x2C, 0x30, 0x5B, 0x5C, 0x5D, 0x61, 0x7D, 0xC3] {
          var other = body
          other[place] = byte
          #expect(reader.read(other) == reader.read(other, nil))
        }
        var (shorter, longer) = (body, body)
        shorter.remove(at: place)
        longer.insert(body[place], at: place)
        #expect(reader.read(shorter) == reader.read(shorter, nil))
        #expect(reader.read(longer) == reader.read(longer, nil))
      }
    }
  }

  @Test func `are those of the answer itself, not of something in it`() throws {
    let reader = Self.reader(["a"], .externalID, isRemoval: false)
    let plain = #""results":[{"change":0,"user_id":"a","outcome":"added"}]"#
    for text in [
      #"{"message":"success",\#(plain)}"#, #"{"message":"success",\#(plain),\#(plain)}"#,
      #"{"message":"success","x":{\#(plain)},"results":[]}"#,
      #"{"message":"success","x":{\#(plain)},"results":""}"#,
      #"{"message":"success","x":{\#(plain)}}"#, #"{"x":{\#(plain)},\#(plain)}"#,
      #"{"message":"success","x":{\#(plain)},\#(plain)}"#, #"{"message":"failure",\#(plain)}"#,
      #"{"message":"success",\#(plain),"errors":[{"input_array":"user_ids","index":0}]}"#,
      #"{"message":"success",\#(plain),"errors":[{"input_array":"user_ids","index":1}]}"#,
      #"{\#(plain)"#, #"\#(plain)"#, #"{"message":"success","results":[]}"#,
      #"{"message":"success","results":[{"change":0,"user_id":"a","outcome":"removed"}]}"#,
      #"{"message":"success","results":[{"change":0,"user_id":"b","outcome":"added"}]}"#,
      #"{"message":"success","results":[{"change":1,"user_id":"a","outcome":"added"}]}"#,
    ] {
      let body = Array(text.utf8)
      #expect(reader.read(body) == reader.read(body, nil), "\(text)")
    }
  }

  @Test(arguments: ["a\"", "\\", "a\u{1}", "é", ""])
  func `leave what JSON may spell otherwise to JSON`(_ identifier: String) {
    let reader = Self.reader([identifier], .externalID, isRemoval: false)
    let body = Self.answer([identifier], ["added"], .externalID)
    #expect(reader.read(body)?.fates == [.added])
    let raw = Array(
      #"{"message":"success","results":[{"change":0,"user_id":"\#(identifier)","outcome":"added"}]}"#
        .utf8)
    #expect(reader.read(raw) == reader.read(raw, nil))
  }

  @Test(arguments: kinds) func `are what this ledger answers`(_ kind: MatchKind) throws {
    let ledger = try RealLedger(seed: 1)
    for isRemoval in [false, true] {
      let parcel = Parcel(
        cohort: CohortName(partner: "hightouch", cohortID: "vip"), kind: kind, naming: nil,
        removals: parcel(removing: isRemoval ? ["a", "b"] : []).removals,
        additions: parcel(adding: isRemoval ? [] : ["a", "b"]).additions, wantsResults: true)
      let keys = DestinationKeys(
        partnerAPIKey: SecretText(Array("pk-1".utf8)),
        dataImportKey: SecretText(Array("dik-1".utf8)))
      let letter = Letter.changes(isRemoval: isRemoval, 0..<2)
      let answer = ledger.answer(parcel.request(letter, keys))
      #expect(answer.status == 201)
      let plain = PlainResults(answer.body, parcel, 0..<2, isRemoval: isRemoval)
      #expect(plain != nil)
      #expect(AnswerReader(letter, parcel).read(answer.body)?.fates == plain?.fates)
    }
  }
}
