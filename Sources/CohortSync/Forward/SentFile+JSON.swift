import CohortModel
import CohortWire

// The parts that both files of a state have.

extension JSONWriter {
  mutating func head(_ head: SentHead, _ state: SentState) {
    object { json in
      json.member("format", "cohort-forward")
      json.member("version", SentFile.version)
      json.member("ledger", head.ledger)
      json.member("endpoint", head.endpoint)
      json.member("partner", utf8: head.partner.bytes)
      json.key("cohorts")
      json.array { for cohort in head.cohorts { $0.string(utf8: cohort.path) } }
      if !head.dropped.isEmpty {
        json.key("dropped")
        json.array { for cohort in head.dropped { $0.string(utf8: cohort.path) } }
      }
      json.member("checkpoint", state.checkpoint.description)
      if let reached = state.reached { json.member("reached", reached.description) }
      json.key("names")
      json.names(state.names)
    }
    endLine()
  }

  mutating func names(_ names: [Int: SentName]) {
    array { json in
      for (cohort, name) in names.sorted(by: { $0.key < $1.key }) {
        json.object {
          $0.member("cohort", cohort)
          $0.member("name", utf8: name.name.bytes)
          $0.member("created_at", name.createdAt.rfc3339)
          $0.member("owed", name.isOwed)
        }
      }
    }
  }

  mutating func line(_ user: UserID, _ line: SentLine) {
    object { json in
      json.member("user", user.rawValue)
      json.members(of: line.identifier)
      json.formers(line.formers)
      json.member("renamed", line.isRenamed)
      json.member("stale", line.isStale)
      json.key("cohorts")
      json.array { json in
        for entry in line.entries {
          json.integer(entry.cohort)
          json.integer(entry.told.rawValue | (entry.mayBeIn ? Self.mayBeIn : 0))
        }
      }
    }
  }

  fileprivate static let mayBeIn: UInt8 = 32

  mutating func formers(_ formers: [SentIdentifier]) {
    if formers.isEmpty { return }
    key("formers")
    array { json in
      for former in formers { json.object { $0.members(of: former) } }
    }
  }

  mutating func members(of identifier: SentIdentifier) {
    switch identifier.kind {
    case .externalID: member("external_id", utf8: identifier.text)
    case .device: member("device_id", utf8: identifier.text)
    case .alias(let label):
      member("alias_label", utf8: label.bytes)
      member("alias_name", utf8: identifier.text)
    }
  }
}

extension SentFile {
  /// Reads the first line.
  init?(json root: JSONValue) {
    func text(_ key: String) -> Text? { root[key]?.string.map { Text(bytes: Array($0)) } }
    guard let ledger = text("ledger"), let endpoint = text("endpoint"),
      let partner = text("partner"), let cohorts = root["cohorts"].flatMap(Self.cohorts),
      let checkpoint = root["checkpoint"].flatMap(FeedCheckpoint.init(json:))
    else { return nil }
    var head = SentHead(
      ledger: ledger.description, endpoint: endpoint.description, partner: partner,
      cohorts: cohorts)
    if let list = root["dropped"] {
      guard let dropped = Self.cohorts(list) else { return nil }
      head.dropped = dropped
    }
    guard let names = root["names"].flatMap({ SentName.read($0, cohorts: head.placeCount) }) else {
      return nil
    }
    var state = SentState()
    (state.checkpoint, state.names) = (checkpoint, names)
    if let reached = root["reached"] {
      guard let reached = FeedCheckpoint(json: reached) else { return nil }
      state.reached = reached
    }
    self.init(head: head, state: state)
  }

  private static func cohorts(_ list: JSONValue) -> [CohortName]? {
    var cohorts: [CohortName] = []
    for value in list.elements {
      guard let path = value.string, let name = try? CohortName(path: Array(path)) else {
        return nil
      }
      cohorts.append(name)
    }
    return cohorts
  }
}

extension FeedCheckpoint {
  init?(json value: JSONValue) {
    guard let text = value.string else { return nil }
    self.init(text: String(decoding: text, as: UTF8.self))
  }
}

extension SentIdentifier {
  init?(json root: JSONValue) {
    if let text = root["external_id"]?.string {
      self.init(.externalID, Array(text))
    } else if let text = root["device_id"]?.string {
      self.init(.device, Array(text))
    } else if let label = root["alias_label"]?.string, let name = root["alias_name"]?.string {
      self.init(.alias(label: Text(bytes: Array(label))), Array(name))
    } else {
      return nil
    }
  }
}

extension SentIdentifier {
  /// Those of before; none where nothing tells of them.
  static func formers(json root: JSONValue) -> [SentIdentifier]? {
    guard let list = root["formers"] else { return [] }
    guard list.kind == .array else { return nil }
    var formers: [SentIdentifier] = []
    for value in list.elements {
      guard let former = SentIdentifier(json: value) else { return nil }
      formers.append(former)
    }
    return formers
  }
}

extension SentLine {
  static func read(_ root: JSONValue, cohorts: Int) -> (UserID, SentLine)? {
    guard let user = root["user"]?.unsignedInteger.flatMap({ UInt32(exactly: $0) }),
      let identifier = SentIdentifier(json: root),
      let formers = SentIdentifier.formers(json: root), let isRenamed = root["renamed"]?.bool,
      let isStale = root["stale"]?.bool, let list = root["cohorts"], list.count.isMultiple(of: 2)
    else { return nil }
    var line = SentLine(identifier)
    (line.formers, line.isRenamed, line.isStale) = (formers, isRenamed, isStale)
    var numbers = list.elements
    while let cohort = numbers.next(), let told = numbers.next() {
      guard let cohort = cohort.unsignedInteger.flatMap({ UInt16(exactly: $0) }),
        Int(cohort) < cohorts,
        let bits = told.unsignedInteger.flatMap({ UInt8(exactly: $0) }),
        let told = Told(rawValue: bits & ~JSONWriter.mayBeIn)
      else { return nil }
      line.entries.append(
        Entry(cohort: cohort, told: told, mayBeIn: bits & JSONWriter.mayBeIn != 0))
    }
    return (UserID(user), line)
  }
}

extension SentName {
  static func read(_ list: JSONValue, cohorts: Int) -> [Int: SentName]? {
    guard list.kind == .array else { return nil }
    var names: [Int: SentName] = [:]
    for value in list.elements {
      guard let cohort = value["cohort"]?.unsignedInteger.flatMap({ Int(exactly: $0) }),
        cohort < cohorts, let name = value["name"]?.string,
        let createdAt = value["created_at"]?.string.flatMap({ Instant(text: $0.span) }),
        let isOwed = value["owed"]?.bool
      else { return nil }
      names[cohort] = SentName(
        name: Text(bytes: Array(name)), createdAt: createdAt, isOwed: isOwed)
    }
    return names
  }
}
