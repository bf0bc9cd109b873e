package import CohortLedger
package import CohortModel
package import CohortWire

// What the library answers, in the shapes that the contract's JSON is written from.

extension View {
  package var asOfShape: AsOfShape { AsOfShape(position, instant, cutsRequest: cutsRequest) }

  /// What things are called here.
  package var wireNames: Names { wireNames(at: isNow ? .never : position) }

  /// What things are called at a position, by what this view knows.
  package func wireNames(at position: Position, showsPersonalTexts: Bool = true) -> Names {
    Names(at: position, showsPersonalTexts: showsPersonalTexts) { $0(state) }
  }

  /// A user with the identifiers of this view.
  package func wireUser(_ user: UserID) -> UserShape {
    state.shown(user, at: isNow ? .never : position)
  }
}

extension ReasonEventShape {
  package init(_ event: ReasonEvent) {
    self.init(
      position: event.position, request: event.request, time: event.time, key: event.key,
      user: event.user)
  }
}

extension ReasonShape {
  package init(_ reason: CohortReason, _ name: CohortName) {
    let finding: Finding =
      switch reason.finding {
      case .member(let merges, let origins):
        .member(
          merges: merges.map { ReasonEventShape($0) }, origins: origins.map { ReasonEventShape($0) }
        )
      case .neverSent: .neverSent
      case .unmatched: .unmatched
      case .removed(let event): .removed(ReasonEventShape(event))
      case .leftByDeletion(let event): .leftByDeletion(ReasonEventShape(event))
      case .mergedInto(let user, let event): .mergedInto(user, ReasonEventShape(event))
      case .cohortDidNotExist: .cohortDidNotExist
      }
    self.init(
      cohort: name, finding: finding,
      mentions: reason.mentions.map {
        Mention(
          event: ReasonEventShape($0.event), identifier: $0.identifier, reason: $0.reason,
          direction: $0.direction)
      })
  }
}

extension View {
  /// The tree of a filter for one user, with a reason for every cohort in it.
  package func whyShape(_ truth: FilterTruth, _ user: UserID) throws -> WhyShape {
    func parts() throws -> [WhyShape] { try truth.parts.map { try whyShape($0, user) } }
    switch truth.filter {
    case .and: return .and(truth.holds, try parts())
    case .or: return .or(truth.holds, try parts())
    case .not:
      guard let part = try parts().first else { break }
      return .not(truth.holds, part)
    case .segment(let segment):
      guard truth.version != nil else { break }
      let part = try parts().first
      let name = state.segments.definition(of: segment, at: position)?.name ?? ""
      return .segment(truth.holds, segment, name: name, part)
    case .includes, .excludes, .entered, .left, .memberFor, .memberAsOf: break
    }
    let reasons = try truth.filter.leafCohorts.map { cohort in
      ReasonShape(try why(user, cohort), state.cohorts[cohort].name)
    }
    let named = NamedFilter(truth.filter) { state.cohorts[$0].name }
    return .leaf(truth.holds, named, reasons)
  }
}

extension Filter {
  /// The cohorts that a leaf is about.
  fileprivate var leafCohorts: [CohortID] {
    switch self {
    case .includes(let cohorts), .excludes(let cohorts): cohorts
    case .entered(let cohort, _), .left(let cohort, _), .memberFor(let cohort, _),
      .memberAsOf(let cohort, _):
      [cohort]
    case .and, .or, .not, .segment: []
    }
  }
}

extension HistoryEntryShape {
  package init(_ entry: UserHistoryEntry, in state: LedgerState) {
    let what: What =
      switch entry.what {
      case .identity(let event): .identity(event)
      case .membership(let cohort, let kind, let direction):
        .membership(state.cohorts[cohort].name, kind: kind.rawValue, direction)
      }
    self.init(
      position: entry.position, time: entry.time, key: entry.key, user: entry.user, what: what)
  }
}

extension BearerShape {
  package init(_ bearer: EarlierBearer) {
    self.init(user: bearer.user, role: bearer.role, from: bearer.from, until: bearer.until)
  }
}

extension CohortShape {
  package init(_ standing: CohortStanding) {
    self.init(
      cohort: standing.name, name: standing.displayName, createdAt: standing.createdAt,
      size: standing.size, lastChange: standing.lastChange,
      lastChangeTime: standing.lastChangeTime, isArchived: standing.isArchived)
  }
}

extension UserName {
  /// The identifier as imports keep it that match nobody, so cut if it is too long to be
  /// somebody's; `nil` for a user number.
  package var identifierName: IdentifierName? { IdentifierName(keptOf: self) }
}
