import CohortFormat
package import CohortLedger
import CohortModel
package import Foundation

/// What a frozen log holds, as `Storage/golden/<version>/<name>.json` says it.
///
/// Only what every later release must still answer alike.
package struct GoldenFacts: Codable, Equatable, Sendable {
  /// The last event.
  package var position: UInt64
  /// Of the tree of that many events, from none to all, in hexadecimal.
  package var roots: [String]
  /// Of every cohort, as `partner/cohort_id`: the position at which its members were first these.
  package var members: [String: [Standing]]
  /// The identifiers of every user at the end, by its number; none for one that is gone.
  package var users: [String: [String]]
  /// How many events there are of each kind.
  package var events: [String: Int]

  package struct Standing: Codable, Equatable, Sendable {
    package var position: UInt64
    package var members: [UInt32]
  }

  /// Asks a ledger for everything up to `end`.
  package init(of ledger: Ledger, through end: UInt64) throws {
    let last = try ledger.view(asOf: .position(Position(end)))
    position = end
    roots = try (0...end).map { size in
      try last.treeHead(size: size).map { "\($0.root)" } ?? "unknown"
    }
    members = [:]
    users = [:]
    events = [:]
    for number in 0..<last.state.cohorts.count {
      let cohort = CohortID(UInt32(number + 1))
      guard last.exists(cohort) else { continue }
      members["\(last.state.cohorts[cohort].name)"] = try Self.standings(of: cohort, ledger, end)
    }
    for number in 0..<last.state.directory.userCount {
      let user = UserID(UInt32(number + 1))
      if last.state.directory.created(user) > last.position { continue }
      users["\(user)"] = Self.words(last.identity(of: user))
    }
    for number in 0..<end {
      let recorded = try ledger.event(at: Position(number + 1)).recorded
      events["\(EventKind(of: recorded.event))", default: 0] += 1
    }
  }

  private static func standings(
    of cohort: CohortID, _ ledger: Ledger, _ end: UInt64
  ) throws -> [Standing] {
    var standings: [Standing] = []
    for position in 0...end {
      let view = try ledger.view(asOf: .position(Position(position)))
      let members = try view.members(of: cohort).users
      if standings.last?.members ?? [] != members {
        standings.append(Standing(position: position, members: members))
      }
    }
    return standings
  }

  private static func words(_ identity: Identity) -> [String] {
    var words: [String] = []
    if let id = identity.externalID { words.append("external_id:\(id)") }
    words += identity.deprecatedIDs.map { "deprecated:\($0)" }
    words += identity.aliases.map { "alias:\($0.label):\($0.name)" }
    words += identity.devices.map { "device:\($0)" }
    return identity.isErased ? words + ["erased"] : words
  }
}

extension GoldenFacts {
  package init(json: Data) throws { self = try JSONDecoder().decode(GoldenFacts.self, from: json) }

  package var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self)
    }
  }
}
