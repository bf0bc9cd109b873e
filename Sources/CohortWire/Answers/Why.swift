package import CohortModel

/// An event that an answer rests on.
package struct ReasonEventShape: Hashable, Sendable {
  package var position: Position
  package var request: Position
  package var time: Instant
  package var key: KeyID
  /// Whom it brought, took out or merged.
  package var user: UserID?

  package init(position: Position, request: Position, time: Instant, key: KeyID, user: UserID?) {
    self.position = position
    self.request = request
    self.time = time
    self.key = key
    self.user = user
  }
}

/// Why somebody is in a cohort, or is not (RULES §8).
package struct ReasonShape: Hashable, Sendable {
  package enum Finding: Hashable, Sendable {
    case member(merges: [ReasonEventShape], origins: [ReasonEventShape])
    case neverSent
    case unmatched
    case removed(ReasonEventShape)
    case leftByDeletion(ReasonEventShape)
    case mergedInto(UserID, ReasonEventShape)
    case cohortDidNotExist
  }

  /// A request that named the person and matched nobody.
  package struct Mention: Hashable, Sendable {
    package var event: ReasonEventShape
    package var identifier: IdentifierName
    package var reason: Unmatched.Reason
    package var direction: Direction

    package init(
      event: ReasonEventShape, identifier: IdentifierName, reason: Unmatched.Reason,
      direction: Direction
    ) {
      self.event = event
      self.identifier = identifier
      self.reason = reason
      self.direction = direction
    }
  }

  package var cohort: CohortName
  package var finding: Finding
  package var mentions: [Mention]

  package init(cohort: CohortName, finding: Finding, mentions: [Mention] = []) {
    self.cohort = cohort
    self.finding = finding
    self.mentions = mentions
  }
}

/// A filter with the truth of each of its parts for one person.
package indirect enum WhyShape: Hashable, Sendable {
  case and(Bool, [WhyShape])
  case or(Bool, [WhyShape])
  case not(Bool, WhyShape)
  /// A segment, with its own tree; `nil` if that stands in the answer already.
  case segment(Bool, SegmentID, name: Text, WhyShape?)
  /// A leaf about cohorts, with the reason for each.
  case leaf(Bool, NamedFilter, [ReasonShape])

  package var holds: Bool {
    switch self {
    case .and(let holds, _), .or(let holds, _), .not(let holds, _), .segment(let holds, _, _, _),
      .leaf(let holds, _, _):
      holds
    }
  }
}

/// The whole answer to a why.
package struct WhyAnswerShape {
  /// `nil`: nobody bears the identifier; the reasons are those of its unmatched mentions.
  package var user: UserShape?
  package var asOf: AsOfShape
  package var tree: WhyShape

  package init(user: UserShape?, asOf: AsOfShape, tree: WhyShape) {
    self.user = user
    self.asOf = asOf
    self.tree = tree
  }
}

extension JSONWriter {
  package mutating func why(_ answer: WhyAnswerShape, _ names: Names) {
    object { json in
      json.key("user")
      if let user = answer.user { json.listed(user) } else { json.null() }
      json.asOf(answer.asOf)
      json.member("holds", answer.tree.holds)
      json.key("tree")
      json.why(answer.tree, names)
    }
  }

  package mutating func why(_ tree: WhyShape, _ names: Names) {
    object { json in
      switch tree {
      case .and(_, let parts): json.group("and", parts, names)
      case .or(_, let parts): json.group("or", parts, names)
      case .not(_, let part): json.group("not", [part], names)
      case .segment(_, let segment, let name, let part):
        json.member("kind", "segment")
        json.member("segment_id", segment.description)
        json.member("name", utf8: name.bytes)
        json.parts(part.map { [$0] } ?? [], names)
      case .leaf(_, let filter, let reasons):
        json.member("kind", "leaf")
        json.key("filter")
        json.filter(filter)
        json.key("reasons")
        json.array { json in for reason in reasons { json.reason(reason, names) } }
      }
      json.member("holds", tree.holds)
    }
  }

  private mutating func group(_ kind: String, _ parts: [WhyShape], _ names: Names) {
    member("kind", kind)
    self.parts(parts, names)
  }

  private mutating func parts(_ parts: [WhyShape], _ names: Names) {
    key("parts")
    array { json in for part in parts { json.why(part, names) } }
  }

  package mutating func reason(_ reason: ReasonShape, _ names: Names) {
    object { json in
      json.cohort(reason.cohort)
      switch reason.finding {
      case .member(let merges, let origins):
        json.member("finding", "member")
        json.events("merges", merges)
        json.events("origins", origins)
      case .neverSent: json.member("finding", "never_sent")
      case .unmatched: json.member("finding", "unmatched")
      case .removed(let event):
        json.member("finding", "removed")
        json.events("by", [event])
      case .leftByDeletion(let event):
        json.member("finding", "left_by_deletion")
        json.events("by", [event])
      case .mergedInto(let survivor, let event):
        json.member("finding", "merged_into")
        json.member("merged_into", survivor.rawValue)
        json.events("by", [event])
      case .cohortDidNotExist: json.member("finding", "cohort_did_not_exist")
      }
      json.key("mentions")
      json.array { json in
        for mention in reason.mentions {
          json.object {
            $0.event(mention.event)
            $0.identifier("identifier", mention.identifier, names)
            $0.member("outcome", Outcome(mention.reason).name)
            $0.member("should_remove", mention.direction == .leaving)
          }
        }
      }
    }
  }

  private mutating func events(_ key: String, _ events: [ReasonEventShape]) {
    self.key(key)
    array { json in for event in events { json.object { $0.event(event) } } }
  }

  private mutating func event(_ event: ReasonEventShape) {
    member("position", event.position)
    member("request", event.request)
    member("time", event.time)
    member("key", event.key.description)
    if let user = event.user { member("user", user.rawValue) }
  }
}
