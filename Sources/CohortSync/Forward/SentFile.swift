import CohortFormat
package import CohortModel
import CohortWire

/// What a state belongs to.
package struct SentHead: Hashable, Sendable {
  /// The id of the ledger whose feed is forwarded.
  package var ledger: String
  package var endpoint: String
  package var partner: Text
  /// Those that are forwarded.
  package var cohorts: [CohortName]
  /// Those that were, and in which the destination may still have somebody; their places follow.
  package var dropped: [CohortName]

  package init(
    ledger: String, endpoint: String, partner: Text, cohorts: [CohortName],
    dropped: [CohortName] = []
  ) {
    (self.ledger, self.endpoint) = (ledger, endpoint)
    (self.partner, self.cohorts, self.dropped) = (partner, cohorts, dropped)
  }

  /// How many places of cohorts there are.
  var placeCount: Int { cohorts.count + dropped.count }

  func cohort(at place: Int) -> CohortName {
    place < cohorts.count ? cohorts[place] : dropped[place - cohorts.count]
  }
}

/// What a forwarding remembers, in two files.
///
/// `NAME.forward`, written whole beside the old one and renamed over it:
///
///     {"format":"cohort-forward","version":1,"ledger":…,"checkpoint":"500@…","names":[…],…}⏎
///     {"user":17,"external_id":"c-17","renamed":false,"stale":false,"cohorts":[0,1,2,0]}⏎  place, told, …
///     {"debt":3,"external_id":"c-18"}⏎       either may have "formers":[{"external_id":…},…]
///     {"digest":"…"}⏎                       SHA-256 of all before it
///
/// `NAME.forward.journal`, appended and synced before anything is told and when it was answered:
///
///     8f1c…  {"base":"…"}⏎                  16 digits of the SHA-256 of the rest of the line
///     03d2…  {"checkpoint":…,"reached":…,"lines":[…],"gone":[17],"names":[…],"paid":0}⏎
///
/// A journal whose `base` is not the digest of the file beside it is of an older one, and counts
/// for nothing: all of it stands in the new one. A last line that is cut was not synced, so nothing
/// was done because of it.
package struct SentFile: Sendable {
  package var head: SentHead
  package var state: SentState

  package init(head: SentHead, state: SentState) { (self.head, self.state) = (head, state) }

  static let version: UInt8 = 1
}

extension SentFile {
  /// Writes the file in pieces; returns its digest in hexadecimal digits.
  func write(
    _ body: ([UInt8]) throws(FileFailure) -> Void
  ) throws(FileFailure) -> String {
    var hash = SHA256()
    var writer = JSONWriter()
    writer.head(head, state)
    func flush(atLeast count: Int) throws(FileFailure) {
      guard writer.bytes.count >= count else { return }
      hash.update(writer.bytes.span)
      try body(writer.bytes)
      writer = JSONWriter()
    }
    for (user, line) in state.lines {
      writer.line(user, line)
      writer.endLine()
      try flush(atLeast: 1 << 18)
    }
    for debt in state.debts {
      writer.object { json in
        json.member("debt", debt.cohort)
        json.members(of: debt.identifier)
        json.formers(debt.formers)
      }
      writer.endLine()
      try flush(atLeast: 1 << 18)
    }
    try flush(atLeast: 1)
    let digest = hash.digest().description
    writer.object { $0.member("digest", digest) }
    writer.endLine()
    try body(writer.bytes)
    return digest
  }

  /// - Returns: The file with its digest.
  /// - Throws: ``StateError/damaged`` unless every byte is as it was written.
  static func read(_ bytes: [UInt8]) throws(StateError) -> (SentFile, digest: String) {
    guard let (file, digest, version) = parse(bytes) else { throw .damaged }
    guard let file else { throw .version(version) }
    return (file, digest)
  }

  private static func parse(_ bytes: [UInt8]) -> (SentFile?, digest: String, version: UInt8)? {
    guard bytes.last == UInt8(ascii: "\n"),
      let end = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n"))
    else { return nil }
    var hash = SHA256()
    hash.update(bytes.span.extracting(0...end))
    let digest = hash.digest().description
    var document = JSONDocument()
    guard (try? document.parse(copying: bytes.span.extracting((end + 1)...))) != nil,
      document.root["digest"]?.string?.elementsEqual(digest.utf8) == true
    else { return nil }
    var file: SentFile?
    var start = 0
    while start <= end {
      let stop = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? end
      guard (try? document.parse(copying: bytes.span.extracting(start..<stop))) != nil else {
        return nil
      }
      start = stop + 1
      guard file != nil else {
        guard document.root["format"]?.string?.elementsEqual("cohort-forward".utf8) == true,
          let version = document.root["version"]?.unsignedInteger.flatMap({ UInt8(exactly: $0) })
        else { return nil }
        guard version == Self.version else { return (nil, digest, version) }
        file = SentFile(json: document.root)
        if file == nil { return nil }
        continue
      }
      guard file?.takeLine(document.root) == true else { return nil }
    }
    guard let file else { return nil }
    return (file, digest, Self.version)
  }

  private mutating func takeLine(_ root: JSONValue) -> Bool {
    guard let identifier = SentIdentifier(json: root),
      let formers = SentIdentifier.formers(json: root)
    else { return false }
    if let cohort = root["debt"]?.unsignedInteger.flatMap({ Int(exactly: $0) }) {
      guard cohort < head.placeCount else { return false }
      state.debts.append(Debt(cohort: cohort, identifier: identifier, formers: formers))
      return true
    }
    guard let (user, line) = SentLine.read(root, cohorts: head.placeCount) else { return false }
    state.lines[user] = line
    return true
  }
}

// MARK: - Changes

extension SentChange {
  /// One line of a journal, without its digits.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { json in
      if let checkpoint { json.member("checkpoint", checkpoint.description) }
      if let reached { json.member("reached", reached.description) }
      json.key("lines")
      json.array { json in
        for case (let user, let line?) in lines { json.line(user, line) }
      }
      json.key("gone")
      json.array { json in
        for (user, line) in lines where line == nil { json.integer(user.rawValue) }
      }
      json.key("names")
      json.names(names)
      json.member("paid", paid)
    }
    return writer.bytes
  }

  init?(json root: JSONValue, cohorts: Int) {
    if let text = root["checkpoint"] {
      guard let checkpoint = FeedCheckpoint(json: text) else { return nil }
      self.checkpoint = checkpoint
    }
    if let text = root["reached"] {
      guard let reached = FeedCheckpoint(json: text) else { return nil }
      self.reached = reached
    }
    guard let lines = root["lines"], let gone = root["gone"],
      let names = root["names"].flatMap({ SentName.read($0, cohorts: cohorts) }),
      let paid = root["paid"]?.unsignedInteger.flatMap({ Int(exactly: $0) })
    else { return nil }
    (self.names, self.paid) = (names, paid)
    for value in lines.elements {
      guard let (user, line) = SentLine.read(value, cohorts: cohorts) else { return nil }
      self.lines[user] = .some(line)
    }
    for value in gone.elements {
      guard let user = value.unsignedInteger.flatMap({ UInt32(exactly: $0) }) else { return nil }
      self.lines[UserID(user)] = .some(nil)
    }
  }
}
