package import CohortModel

/// What the numbers in answers and events are called at a position.
package struct Names: Sendable {
  /// The position that is spoken of: move it along a feed, making names anew costs more.
  package var position: Position
  /// Whether users have more than numbers, and identifiers their texts.
  package var showsPersonalTexts: Bool

  private let user: @Sendable (UserID, Position) -> UserShape
  private let identifier: @Sendable (IdentifierID) -> IdentifierName?
  private let partner: @Sendable (PartnerID) -> Text
  private let cohort: @Sendable (CohortID) -> CohortName
  private let segment: @Sendable (SegmentID, Position) -> Text?
  private let campaign: @Sendable (CampaignReference, Position) -> Text?

  package init(
    at position: Position = .never, showsPersonalTexts: Bool = true,
    user: @escaping @Sendable (UserID, Position) -> UserShape,
    identifier: @escaping @Sendable (IdentifierID) -> IdentifierName?,
    partner: @escaping @Sendable (PartnerID) -> Text,
    cohort: @escaping @Sendable (CohortID) -> CohortName,
    segment: @escaping @Sendable (SegmentID, Position) -> Text?,
    campaign: @escaping @Sendable (CampaignReference, Position) -> Text?
  ) {
    self.position = position
    self.showsPersonalTexts = showsPersonalTexts
    self.user = user
    self.identifier = identifier
    self.partner = partner
    self.cohort = cohort
    self.segment = segment
    self.campaign = campaign
  }

  /// Names as a ledger has them.
  ///
  /// What it does not know yet is called by its number.
  package init(
    _ state: LedgerState, at position: Position = .never, showsPersonalTexts: Bool = true
  ) {
    let box = Box(state)
    self.init(at: position, showsPersonalTexts: showsPersonalTexts) { $0(box.state) }
  }

  /// Names as a ledger has them, without a copy of its state, which is many references.
  ///
  /// - Parameters:
  ///   - position: What is spoken of.
  ///   - showsPersonalTexts: Whether users have more than numbers.
  ///   - lend: Calls what it is given with the state, the same each time, once.
  package init(
    at position: Position = .never, showsPersonalTexts: Bool = true,
    lend: @escaping @Sendable ((LedgerState) -> Void) -> Void
  ) {
    @Sendable func ask<Answer>(_ body: (LedgerState) -> Answer) -> Answer {
      var answer: Answer?
      lend { answer = body($0) }
      guard let answer else { preconditionFailure("the state was lent") }
      return answer
    }
    self.init(
      at: position, showsPersonalTexts: showsPersonalTexts,
      user: { id, position in ask { $0.shown(id, at: position) } },
      identifier: { id in ask { $0.shownName(of: id) } },
      partner: { id in
        ask {
          id.rawValue > 0 && id.rawValue <= $0.partners.records.count
            ? $0.partners[id].code : Text(id.description)
        }
      },
      cohort: { id in
        ask {
          $0.cohorts.contains(id)
            ? $0.cohorts[id].name : CohortName(partner: "", cohortID: Text(id.description))
        }
      },
      segment: { id, position in ask { $0.segments.definition(of: id, at: position)?.name } },
      campaign: { reference, position in
        ask {
          $0.campaigns.contains(reference)
            ? $0.campaigns[reference].versions.value(at: position)?.name : nil
        }
      })
  }

  private final class Box: Sendable {
    let state: LedgerState

    init(_ state: LedgerState) { self.state = state }
  }

  /// - Returns: `nil` if only the number is shown.
  func shown(_ id: UserID) -> UserShape? { showsPersonalTexts ? user(id, position) : nil }

  /// - Returns: `nil` for a number that no identifier has.
  func name(of id: IdentifierID) -> IdentifierName? { identifier(id) }
  func code(of id: PartnerID) -> Text { partner(id) }
  func name(of id: CohortID) -> CohortName { cohort(id) }
  func name(of id: SegmentID) -> Text? { segment(id, position) }
  func name(of reference: CampaignReference) -> Text? { campaign(reference, position) }

  /// The same names as one event earlier: those of a user that this event has ended.
  func before() -> Names {
    var names = self
    names.position = Position(max(position.rawValue, 1) - 1)
    return names
  }
}

extension LedgerState {
  /// A user with the identifiers it bore at a position.
  package func shown(_ user: UserID, at position: Position = .never) -> UserShape {
    var shown = UserShape(user: user, isErased: erasures.erasure(of: user) != nil)
    guard directory.contains(user) else { return shown }
    directory.forEachIdentifier(of: user, at: position) { identifier, role in
      let text = directory.text(of: identifier).map { PersonalText($0) } ?? .erased
      // Erased with somebody it was merged into later, the user has no erasure of its own.
      if text == .erased, role != .merged { shown.isErased = true }
      switch role {
      case .primary: shown.externalID = text
      case .alias:
        guard case .alias(let label) = directory.kind(of: identifier) else { return }
        shown.aliases.append(
          AliasShape(label: Text(bytes: directory.text(of: label)), name: text))
      case .device: shown.devices.append(text)
      case .deprecated: shown.deprecatedIDs.append(text)
      case .free, .merged: break
      }
    }
    shown.aliases.sort { ($0.label, $0.name.order) < ($1.label, $1.name.order) }
    shown.devices.sort { $0.order < $1.order }
    return shown
  }

  /// An identifier with its text, or with the fact that this was erased.
  package func shownName(of identifier: IdentifierID) -> IdentifierName? {
    guard directory.contains(identifier) else { return nil }
    let text = directory.text(of: identifier).map { PersonalText($0) } ?? .erased
    switch directory.kind(of: identifier) {
    case .externalID: return .externalID(text)
    case .alias(let label):
      return .alias(label: Text(bytes: directory.text(of: label)), name: text)
    case .device: return .device(text)
    }
  }
}

extension PersonalText {
  /// By bytes; erased texts first.
  fileprivate var order: Text { Text(bytes: bytes ?? []) }
}
