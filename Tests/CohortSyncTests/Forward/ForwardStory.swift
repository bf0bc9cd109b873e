import CohortLedger
import CohortModel
import CohortSync
import CohortWire
import TestSupport
import Testing

/// A made-up life of a source and a destination, and a forwarding between them.
final class ForwardStory {
  private(set) var source: RealLedger
  let destination: RealLedger
  let brittle: BrittleDestination
  let reading = FeedReading()
  let folder: TestFolder
  var cohorts = ["a", "b", "c"]
  /// Those in the list of the forwarding; `nil` for all.
  var listed: [String]?
  /// Of the cohorts in the list.
  var partner = "hightouch"
  /// Whether the destination is asked who it is: it says `stranger`.
  var asksDestination = false
  var stop = StopSign()
  var random: SeededRandom
  /// What people did at the source and will do at the destination.
  private var todo: [(path: String, body: JSONText, ends: Bool)] = []
  /// Whether the destination never hears of merges and deletions.
  let isDeaf: Bool
  /// Whether people change their identifiers, or are merged or deleted.
  var changesIdentities = true
  /// Whether deleted people are erased, too.
  var erases = true
  private var number = 0
  /// Identifiers of people who were erased.
  private(set) var erased: Set<String> = []
  private(set) var reports: [ForwardReport] = []

  init(seed: UInt64, isDeaf: Bool) throws {
    source = try RealLedger(seed: seed)
    destination = try RealLedger(seed: seed &+ 1)
    brittle = BrittleDestination(destination, seed: seed)
    folder = try TestFolder()
    random = SeededRandom(seed: seed)
    self.isDeaf = isDeaf
  }

  // MARK: Forwarding

  func run(
    pageSize: Int = 3, skipSize: UInt64 = 8, isFull: Bool = false, once: Bool = true,
    id: String = "source"
  ) throws -> ForwardReport {
    let text = """
      {"endpoint":"https://ledger.example","read_key":{"env":"R"},
       "destination":{"endpoint":"https://platform.example","partner":"hightouch",
         "partner_api_key":{"env":"P"},"data_import_key":{"env":"D"}
         \(asksDestination ? ",\"read_key\":{\"env\":\"R\"}" : "")},
       "cohorts":[\((listed ?? cohorts).map { "\"\(partner)/\($0)\"" }.joined(separator: ","))]}
      """
    let (source, brittle, reading) = (source, brittle, reading)
    let services = ForwardServices(
      environment: ["R": "rk-1", "P": "pk-1", "D": "dik-1"],
      feed: { RealFeed(ledger: source, parser: FeedParser($2), reading: reading, id: id) },
      carrier: {
        var settings = DeliverySettings.forwarding
        (settings.attempts, settings.inFlight) = (1, 1)
        settings.firstWait = .zero
        return Courier(brittle, $1, settings: settings, clock: StandingClock(), seed: 0)
      },
      ledger: { _, _ in Strangers() }, clock: JumpingClock())
    var options = ForwardOptions(once: once, isFull: isFull)
    (options.pageSize, options.chunkSize, options.skipSize) = (pageSize, 4, skipSize)
    let run = try ForwardRun(
      ForwardFile(parsing: Array(text.utf8)), in: folder.path,
      state: ForwardFolder(folder.path + "/state", name: "platform"), services, options: options,
      stop: stop)
    let report = try run.carryOut()
    reports.append(report)
    return report
  }

  /// Changes a byte of a file, if it is there.
  func damage(_ path: String) throws {
    guard var bytes = try? folder.bytes(path), !bytes.isEmpty else { return }
    bytes[random.below(bytes.count)] ^= 1
    try folder.write(bytes, to: path)
  }

  /// Takes the end of what was written last, as a kill does in the midst of it; only where nothing
  /// was done that relied upon it.
  func tearJournal() throws {
    let path = "state/platform.forward.journal"
    guard let bytes = try? folder.bytes(path), let last = bytes.dropLast().lastIndex(of: 0x0A)
    else { return }
    let line = String(decoding: bytes[last...], as: UTF8.self)
    guard line.contains("\"checkpoint\"") else { return }
    try folder.write(
      Array(bytes.dropLast(1 + random.below(bytes.count - last - 1))), to: path)
  }

  /// The source is restored to its beginning, and goes on in another way: some people come again.
  func restoreSource(seed: UInt64) throws {
    hear(.max)
    source = try RealLedger(seed: seed)
    for names in try destination.users().values where random.once(in: 2) {
      guard let id = names.first(where: { $0.kind == .externalID }) else { continue }
      try source.apply("/users/track", ["attributes": [["external_id": .string(id.name)]]])
    }
  }

  // MARK: Life

  private func fresh(_ letter: String) -> String {
    number += 1
    return "\(letter)\(number)"
  }

  private func someone() throws -> SentIdentifier? {
    try source.users().values.flatMap { $0.prefix(2) }.sorted { $0.name < $1.name }
      .randomElement(using: &random)
  }

  private func body(of identifier: SentIdentifier) -> JSONText.Member {
    switch identifier.kind {
    case .externalID: JSONText.Member("external_id", .string(identifier.name))
    case .device: JSONText.Member("device_id", .string(identifier.name))
    case .alias(let label):
      JSONText.Member(
        "user_alias",
        [
          "alias_label": .string(label.description), "alias_name": .string(identifier.name),
        ])
    }
  }

  /// One thing that happens at the source, to people or to members.
  func live() throws {
    switch random.below(16) {
    case 0, 1: try people("/users/track", ["attributes": [["external_id": .string(fresh("e"))]]])
    case 2:
      try people(
        "/users/alias/new",
        [
          "user_aliases": [
            ["alias_label": .string(fresh("l")), "alias_name": .string(fresh("n"))]
          ]
        ])
    case 3: try people("/users/track", ["attributes": [["device_id": .string(fresh("d"))]]])
    case 4: if changesIdentities { try identity() }
    case 5:
      source.name(cohorts[random.below(3)], fresh("Cohort "))
    default:
      var chosen: [SentIdentifier] = []
      for _ in 0...random.below(3) { if let one = try someone() { chosen.append(one) } }
      if random.once(in: 6) { chosen.append(SentIdentifier(.externalID, Array("nobody".utf8))) }
      source.push(cohorts[random.below(3)], chosen, remove: random.once(in: 3))
    }
  }

  private func identity() throws {
    guard let one = try someone(), let other = try someone() else { return }
    switch (random.below(7), one.kind) {
    case (0, .externalID), (1, .externalID):
      try people(
        "/users/external_ids/rename",
        [
          "external_id_renames": [
            [
              "current_external_id": .string(one.name), "new_external_id": .string(fresh("e")),
            ]
          ]
        ])
    case (2, .externalID): try delete(one, "external_ids", .string(one.name))
    case (2, .alias): try delete(one, "user_aliases", value(of: one))
    case (3, .alias), (4, .alias):
      guard case .alias(let label) = one.kind else { return }
      try people(
        "/users/alias/update",
        [
          "alias_updates": [
            [
              "alias_label": .string(label.description), "old_alias_name": .string(one.name),
              "new_alias_name": .string(fresh("n")),
            ]
          ]
        ])
    case (_, .device):
      let isMerge = other.kind == .externalID && random.once(in: 2)
      let id = isMerge ? other.name : fresh("e")
      try people(
        "/users/identify",
        [
          "devices_to_identify": [
            ["external_id": .string(id), "device_id": .string(one.name)]
          ]
        ], ends: isMerge)
    case (5, .alias):
      let isMerge = other.kind == .externalID && random.once(in: 2)
      let id = isMerge ? other.name : fresh("e")
      try people(
        "/users/identify",
        [
          "aliases_to_identify": [["external_id": .string(id), "user_alias": value(of: one)]]
        ], ends: isMerge)
    default:
      guard one.kind != .device, other.kind != .device else { return }
      try people(
        "/users/merge",
        [
          "merge_updates": [
            [
              "identifier_to_merge": .object([body(of: one)]),
              "identifier_to_keep": .object([body(of: other)]),
            ]
          ]
        ], ends: true)
    }
  }

  private func delete(_ one: SentIdentifier, _ field: String, _ value: JSONText) throws {
    let isErased = erases && random.once(in: 2)
    let names = try source.users().values.first { $0.contains(one) } ?? []
    let body = JSONText.object([
      JSONText.Member(field, [value]), JSONText.Member("erase", .bool(isErased)),
    ])
    try people("/users/delete", body, ends: true)
    if isErased { erased.formUnion(names.map(\.name)) }
  }

  private func value(of alias: SentIdentifier) -> JSONText { body(of: alias).value }

  /// `ends`: whether somebody is merged into another, or deleted.
  private func people(_ path: String, _ body: JSONText, ends: Bool = false) throws {
    // The same at both, so that the destination knows whom it is told of.
    _ = try? source.apply(path, body)
    todo.append((path, body, ends))
  }

  /// The destination hears of what people did, in their order.
  func hear(_ count: Int) {
    for _ in 0..<min(count, todo.count) {
      let (path, body, ends) = todo.removeFirst()
      if isDeaf, ends { continue }
      _ = try? destination.apply(path, body)
    }
  }

  // MARK: What must hold

  /// Who was erased stands in no file.
  func expectForgotten(_ comment: Comment) {
    for file in ["", ".new", ".journal", ".rejects.csv", ".rejects.csv.new"] {
      let bytes = (try? folder.bytes("state/platform.forward\(file)")) ?? []
      let words = Set(
        String(decoding: bytes, as: UTF8.self).split { $0 == "\"" || $0 == "," }.map(String.init))
      #expect(words.isDisjoint(with: erased), "\(comment): \(file)")
    }
  }

  /// Both have the same members, as far as both know the same people, but for as many of those
  /// whose names were all erased as were reported untold.
  func expectEqual(_ comment: Comment) throws {
    var bearers: [SentIdentifier: UserID] = [:]
    for (user, names) in try source.users() {
      for name in names { bearers[name] = user }
    }
    let known = try destination.users()
    var twins: [UserID: Int] = [:]
    for names in known.values {
      for user in Set(names.compactMap { bearers[$0] }) { twins[user, default: 0] += 1 }
    }
    var leftOver: Set<UserID> = []
    for cohort in cohorts {
      let (here, there) = (try source.members(cohort), try destination.members(cohort))
      for (user, names) in known {
        let same = Set(names.compactMap { bearers[$0] })
        // Who is two people here, or one of two there, can be neither.
        guard same.count < 2, same.allSatisfy({ twins[$0] == 1 }) else { continue }
        let isIn = same.first.map { here.contains($0) } ?? false
        if same.isEmpty, there.contains(user), erased.isSuperset(of: names.map(\.name)) {
          leftOver.insert(user)
          continue
        }
        #expect(
          there.contains(user) == isIn,
          "\(comment): \(cohort) \(user) \(names.map(\.name)) of \(same)")
      }
    }
    #expect(leftOver.count <= reports.reduce(0) { $0 + $1.untold }, comment)
  }
}

/// A clock on which no time goes by.
struct StandingClock: CourierClock {
  func now() -> Duration { .zero }
  func sleep(for time: Duration) {}
}

struct Strangers: LedgerQuestions {
  func ledgerID() -> String { "stranger" }
  func exists(_ cohort: CohortName) -> Bool { false }
  func members(of cohort: CohortName, _ body: (LedgerMember) -> Void) {}
  func user(_ kind: MatchKind, _ identifier: [UInt8]) -> UserID? { nil }
  var preview: any Destination { Nowhere() }

  private struct Nowhere: Destination {
    func send(_ request: DestinationRequest) throws(NoAnswer) -> DestinationAnswer {
      throw NoAnswer(reason: "nowhere")
    }
  }
}
