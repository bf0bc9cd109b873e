import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

/// A house with a past: people who come, go, merge, change their names, are deleted and erased.
final class ReadingHouse {
  let house: TestHouse
  /// May do everything.
  let all: String
  /// Sees no identifiers.
  let reader: String
  private var random: SeededRandom
  private var nextID = 0
  private var ids: [String] = []

  static let cohorts: [Text] = ["vip", "gold/2", "lost"]

  var ledger: Ledger { house.shop.ledger }
  var now: View { ledger.now }

  init(seed: UInt64, steps: Int = 60) throws {
    house = try TestHouse()
    all = try house.key()
    reader = try house.key(
      Permissions([.ledgerRead, .segmentsMembers, .audiencesRead, .segmentsList, .keysManage]))
    random = SeededRandom(seed: seed)
    try create(12)
    for cohort in Self.cohorts {
      try house.shop.push(cohort, add: Array(ids.prefix(8)))
    }
    for _ in 0..<steps { try step() }
  }

  /// Something happens.
  func step() throws {
    let shop = house.shop
    switch random.below(12) {
    case 0: try create(1 + random.below(3))
    case 1:
      try shop.submit(
        .mergeUsers([MergeUsers(merge: .externalID(someID()), keep: .externalID(someID()))]))
    case 2: try shop.submit(.deleteUsers([.externalID(someID())], erase: nil))
    case 3:
      let new = "renamed-\(nextID)"
      nextID += 1
      try shop.submit(.renameExternalIDs([RenameExternalID(current: someID(), new: Text(new))]))
      ids.append(new)
    case 4:
      try shop.submit(
        .addAliases([
          AddAlias(
            externalID: someID(), alias: Alias(label: "email", name: Text("mail-\(nextID)")))
        ]))
      nextID += 1
    case 5 where random.once(in: 3): _ = try? ledger.erase(.externalID(someID()))
    default:
      let some = (0...random.below(6)).map { _ in someID().description }
      let others = (0...random.below(3)).map { _ in someID().description }
      try shop.push(
        Self.cohorts[random.below(3)], add: some + ["stranger-\(nextID)"], remove: others)
    }
  }

  private func create(_ count: Int) throws {
    let new = (0..<count).map { "customer-\(nextID + $0)" }
    nextID += count
    ids += new
    try house.shop.create(new)
  }

  func someID() -> Text { Text(ids[random.below(ids.count)]) }

  func somePosition() -> Position { Position(UInt64(1 + random.below(Int(now.end.rawValue)))) }

  func below(_ bound: Int) -> Int { random.below(bound) }

  /// A segment of two cohorts, and a campaign for it.
  func addDefinitions() throws {
    let shop = house.shop
    try shop.submit(
      .saveSegment(
        SaveSegment(
          name: "Both", description: "of both",
          filter: .and([
            .includes(partner: TestShop.partner, ["vip"]),
            .not(.includes(partner: TestShop.partner, ["lost"])),
          ]))))
    try shop.submit(
      .saveCampaign(
        SaveCampaign(
          kind: .campaign, name: "Autumn",
          audience: SaveCampaign.NamedAudience(segments: ["segment:1"], filter: nil))))
  }

  /// - Returns: The send.
  func launch() throws -> SendID {
    let key = Idempotency(
      key: Array("launch \(now.end)".utf8), fingerprint: Digest(now.end.rawValue, 0, 0, 0))
    let committed = try ledger.launch(
      CampaignReference(kind: .campaign, number: 1), by: .local, key)
    guard case .frozeAudience(let send) = committed.answer else { throw Unexpected.answer }
    return send
  }

  enum Unexpected: Error { case answer }

  // MARK: Asking

  func get(_ target: String, key: String? = nil, asLines: Bool = false) -> TestAnswer {
    house.get(
      target, key: key ?? all, headers: asLines ? [("accept", "application/x-ndjson")] : [])
  }

  /// The elements of a list on all pages, each as its JSON; `between` comes between two pages.
  func pages(
    _ target: String, _ key: String, limit: Int, by bearer: String? = nil,
    between: () throws -> Void = {}
  ) throws -> [String] {
    var found: [String] = []
    var next: String?
    var asOf: String?
    repeat {
      let mark = target.contains("?") ? "&" : "?"
      let page = get(
        "\(target)\(mark)limit=\(limit)" + (next.map { "&next=\($0)" } ?? ""), key: bearer)
      try #require(page.status == 200, "\(target): \(page.text)")
      let json = try #require(page.json)
      let elements = (json[key]?.elements.map(\.source)) ?? []
      #expect(elements.count <= limit)
      found += elements
      if let asOf { #expect(json["as_of"]?.source == asOf) }
      asOf = json["as_of"]?.source
      next = page.string("next")
      if next != nil { try between() }
    } while next != nil
    return found
  }

  /// The lines of a stream.
  func lines(_ target: String, key: String? = nil) -> [String] {
    get(target, key: key, asLines: true).text.split(separator: "\n").map(String.init)
  }
}

extension JSONValue {
  /// The value as it was written, as long as it was written without spaces.
  var source: String {
    switch kind {
    case .object:
      var parts: [String] = []
      for (key, value) in members {
        parts.append("\"\(String(decoding: bytes[key.range], as: UTF8.self))\":\(value.source)")
      }
      return "{\(parts.joined(separator: ","))}"
    case .array: return "[\(elements.map(\.source).joined(separator: ","))]"
    case .string:
      var json = JSONWriter()
      json.string(utf8: string ?? [])
      return String(decoding: json.bytes, as: UTF8.self)
    case .number: return numberText.map { String(decoding: $0, as: UTF8.self) } ?? ""
    default: return isNull ? "null" : bool == true ? "true" : "false"
    }
  }
}

extension JSONWriter {
  static func text(_ write: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    write(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }
}

extension View {
  /// The members of a page as the list of a reader with or without identifiers shows them.
  func listed(_ users: [UserID], identity: IdentityTime, isSeen: Bool = true) -> [String] {
    users.map { user in
      JSONWriter.text {
        let at = identity == .now || isNow ? Position.never : position
        $0.listed(isSeen ? state.shown(user, at: at) : UserShape(hidden: user))
      }
    }
  }
}

extension Text {
  /// Every byte escaped, as a path or a query takes it.
  var escaped: String {
    bytes.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
