package import CohortModel

/// A user with the identifiers that an answer may show.
package struct ShownUser: Hashable, Sendable {
  package var user: UserID
  /// The primary one, if the user has one.
  package var externalID: PersonalText?
  package var aliases: [ShownAlias]
  package var devices: [PersonalText]
  package var isErased: Bool

  package init(
    user: UserID, externalID: PersonalText? = nil, aliases: [ShownAlias] = [],
    devices: [PersonalText] = [], isErased: Bool = false
  ) {
    self.user = user
    self.externalID = externalID
    self.aliases = aliases
    self.devices = devices
    self.isErased = isErased
  }
}

package struct ShownAlias: Hashable, Sendable {
  package var label: Text
  package var name: PersonalText

  package init(label: Text, name: PersonalText) {
    self.label = label
    self.name = name
  }
}

/// What the numbers in answers and events are called, as of the position that is spoken of.
package struct Names {
  /// `nil`: only the number is shown.
  package var user: (UserID) -> ShownUser?
  /// `nil`: personal texts are not shown.
  package var identifier: (IdentifierID) -> IdentifierName?
  package var partner: (PartnerID) -> Text
  package var cohort: (CohortID) -> CohortName
  package var segment: (SegmentID) -> Text?
  package var campaign: (CampaignReference) -> Text?

  package init(
    user: @escaping (UserID) -> ShownUser?, identifier: @escaping (IdentifierID) -> IdentifierName?,
    partner: @escaping (PartnerID) -> Text, cohort: @escaping (CohortID) -> CohortName,
    segment: @escaping (SegmentID) -> Text?, campaign: @escaping (CampaignReference) -> Text?
  ) {
    self.user = user
    self.identifier = identifier
    self.partner = partner
    self.cohort = cohort
    self.segment = segment
    self.campaign = campaign
  }

  /// Names as a ledger had them at a position.
  ///
  /// - Parameter showsPersonalTexts: Without, users are numbers.
  package init(
    _ state: LedgerState, at position: Position = .never, showsPersonalTexts: Bool = true
  ) {
    self.init(
      user: { showsPersonalTexts ? state.shown($0, at: position) : nil },
      identifier: { showsPersonalTexts ? state.shownName(of: $0) : nil },
      partner: { state.partners[$0].code },
      cohort: { state.cohorts[$0].name },
      segment: { state.segments.definition(of: $0, at: position)?.name },
      campaign: {
        state.campaigns.contains($0)
          ? state.campaigns[$0].versions.value(at: position)?.name : nil
      })
  }
}

extension LedgerState {
  /// A user with the identifiers it bore at a position.
  package func shown(_ user: UserID, at position: Position = .never) -> ShownUser {
    var shown = ShownUser(user: user, isErased: erasures.erasure(of: user) != nil)
    guard directory.contains(user) else { return shown }
    directory.forEachIdentifier(of: user, at: position) { identifier, role in
      let text = directory.text(of: identifier).map { PersonalText($0) } ?? .erased
      switch role {
      case .primary: shown.externalID = text
      case .alias:
        guard case .alias(let label) = directory.kind(of: identifier) else { return }
        shown.aliases.append(
          ShownAlias(label: Text(bytes: directory.text(of: label)), name: text))
      case .device: shown.devices.append(text)
      case .free, .deprecated, .merged: break
      }
    }
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
