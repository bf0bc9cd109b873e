package import CohortModel

/// What an erasure did, as an answer tells it (RULES §5).
package struct ErasureShape: Hashable, Sendable {
  /// `nil`: nobody ever bore the identifier; only its mentions were erased.
  package var user: UserID?
  package var position: Position
  package var time: Instant
  /// How many texts are zero now.
  package var textCount: Int
  package var treeSize: UInt64
  package var root: Digest
  /// Who bore the same identifier before, and is not erased.
  package var earlierBearers: [UserID]
  package var isRepeated: Bool
  /// Where the person may still be found.
  package var notReached: [String]

  package init(
    user: UserID?, position: Position, time: Instant, textCount: Int, treeSize: UInt64,
    root: Digest, earlierBearers: [UserID] = [], isRepeated: Bool = false, notReached: [String]
  ) {
    self.user = user
    self.position = position
    self.time = time
    self.textCount = textCount
    self.treeSize = treeSize
    self.root = root
    self.earlierBearers = earlierBearers
    self.isRepeated = isRepeated
    self.notReached = notReached
  }
}

extension JSONWriter {
  package mutating func outcomes(_ counts: OutcomeCounts) {
    object { json in
      for outcome in Outcome.allCases { json.member(outcome.name, counts[outcome]) }
    }
  }

  /// Writes an outcome for each identifier of an import, in the order of the request.
  mutating func results(
    _ results: [IdentifierResult], of wish: ChangeMembers, _ names: Names
  ) {
    key("results")
    array { json in
      var place = wish.places.makeIterator()
      var words = ResultWords()
      for result in results {
        guard let identifier = place.next() else { break }
        // Nearly all are such.
        if case .userID(let range) = identifier, result.survivor == nil {
          json.value(
            words.before(result.change), utf8: wish.buffer[range].span,
            words.behind(result.outcome))
          continue
        }
        json.object { json in
          json.member("change", result.change)
          switch identifier {
          case .userID(let range): json.member("user_id", utf8: wish.buffer[range])
          case .deviceID(let range): json.member("device_id", utf8: wish.buffer[range])
          case .alias(let alias):
            json.key("alias")
            json.object {
              $0.member("alias_name", utf8: wish.buffer[alias.name])
              $0.member("alias_label", utf8: wish.buffer[alias.label])
            }
          }
          json.member("outcome", result.outcome.name)
          if let survivor = result.survivor {
            json.key("survivor")
            json.user(survivor, names)
          }
        }
      }
    }
  }

  /// What a launch froze, or nulls where nobody has looked.
  mutating func frozen(_ frozen: FreezeAudience?) {
    guard let frozen else {
      member("size", .null)
      return member("digest", .null)
    }
    member("size", frozen.size)
    member("digest", frozen.digest)
  }

  mutating func deletedUsers(_ users: [DeletedUser]) {
    key("users")
    array { json in
      for deleted in users {
        json.object {
          $0.member("user", deleted.user.rawValue)
          $0.member("external_id", deleted.externalID)
        }
      }
    }
  }

  /// Writes the lines of a users import that were refused.
  package mutating func refusedLines(_ lines: [(line: Int, text: String)]) {
    key("refused")
    array { json in
      for (line, text) in lines {
        json.object {
          $0.member("line", line)
          $0.member("type", text)
        }
      }
    }
  }

  /// A secret, or null if it is not shown.
  mutating func secret(_ key: String, _ secret: [UInt8]?) {
    self.key(key)
    if let secret { string(utf8: secret) } else { null() }
  }

  /// Writes what uses a cohort or a segment.
  package mutating func dependants(_ dependants: Dependants, _ names: Names) {
    func named(_ id: String, _ name: Text?, _ json: inout JSONWriter) {
      json.object {
        $0.member("id", id)
        $0.member("name", name)
      }
    }
    key("dependants")
    object { json in
      json.key("segments")
      json.array { json in
        for segment in dependants.segments {
          named(segment.description, names.name(of: segment), &json)
        }
      }
      for (key, kind) in [("campaigns", CampaignKind.campaign), ("canvases", .canvas)] {
        json.key(key)
        json.array { json in
          for campaign in dependants.campaigns where campaign.kind == kind {
            named(campaign.description, names.name(of: campaign), &json)
          }
        }
      }
    }
  }

  /// Writes the receipt of an erasure.
  package mutating func erasure(_ erasure: ErasureShape) {
    key("receipt")
    object { json in
      json.key("user")
      if let user = erasure.user { json.integer(user.rawValue) } else { json.null() }
      json.member("position", erasure.position)
      json.member("time", erasure.time)
      json.member("texts", erasure.textCount)
      json.key("tree")
      json.object {
        $0.member("size", erasure.treeSize)
        $0.member("root", erasure.root)
      }
      json.key("earlier_bearers")
      json.array { for user in erasure.earlierBearers { $0.integer(user.rawValue) } }
      json.member("repeated", erasure.isRepeated)
      json.key("does_not_reach")
      json.array { for place in erasure.notReached { $0.string(place) } }
    }
  }
}

extension ChangeMembers {
  enum Place {
    case userID(TextRange)
    case deviceID(TextRange)
    case alias(AliasRange)
  }

  /// Every identifier in the order in which it is decided.
  var places: [Place] {
    changes.flatMap { change in
      change.userIDs.map(Place.userID) + change.deviceIDs.map(Place.deviceID)
        + change.aliases.map(Place.alias)
    }
  }
}

/// What stands before and behind the external id in a result without a survivor.
///
///     {"change":0,"user_id":"a","outcome":"added"}
private struct ResultWords {
  private static let endings = Outcome.allCases.map { Array("\",\"outcome\":\"\($0.name)\"}".utf8) }
  private let endings = Self.endings
  private var change = -1
  private var beginning: [UInt8] = []

  mutating func before(_ change: Int) -> [UInt8] {
    if change != self.change {
      self.change = change
      beginning = Array("{\"change\":\(change),\"user_id\":\"".utf8)
    }
    return beginning
  }

  func behind(_ outcome: Outcome) -> [UInt8] { endings[Int(outcome.rawValue)] }
}
