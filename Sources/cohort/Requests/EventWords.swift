import CohortLedger
import CohortModel
import CohortWire

/// Events in a few words, for people.
struct EventWords {
  private let view: View

  init(_ view: View) { self.view = view }

  /// What happened, without time and key.
  ///
  /// Texts stand as they are; whoever prints them escapes them.
  func text(of event: Event, at position: Position) -> String {
    switch event {
    case .partnerEnabled(let event):
      return "partner \(event.code) enabled\(event.learns ? ", learns its key" : "")"
    case .partnerDisabled(let partner): return "partner \(code(partner)) disabled"
    case .keyIssued(let event):
      let partner = event.partner.map { " of \(code($0))" } ?? ""
      return "\(event.kind.name) \(event.key)\(partner) issued: \(event.label)"
    case .keyInvalidated(let key): return "\(key) invalidated"

    case .userCreated(let event):
      let names = event.identifiers.map(text).joined(separator: ", ")
      return "\(event.user) created: \(names)"
    case .identifierAdded(let event): return "\(event.user) got \(text(event.identifier))"
    case .identifierRemoved(let event): return "\(event.user) lost \(text(event.identifier))"
    case .externalIDRenamed(let event):
      let primary = text(.externalID(event.primary))
      return "\(event.user) renamed from \(text(event.deprecated)) to \(primary)"
    case .userIdentified(let event):
      return "\(event.user) identified as \(text(.externalID(event.externalID)))"
    case .usersMerged(let event):
      let cohorts = event.cohortsEntered.map { ", enters \(name($0))" }.joined()
      return "\(event.user) merged into \(event.into)\(cohorts)"
    case .userDeleted(let event): return "\(event.user) deleted"
    case .userErased(let event):
      return "\(event.user.map(\.description) ?? "an identifier of nobody") erased, "
        + "\(event.texts.count) \(event.texts.count == 1 ? "text" : "texts")"
    case .erasureFinished(let event): return "erasure of \(event.erasure) finished"
    case .unmatchedForgotten(let event):
      return "unmatched identifiers before \(event.before.rfc3339) forgotten"

    case .cohortNamed(let event):
      return "cohort \(code(event.partner))/\(event.cohortID) named \(event.name)"
    case .cohortArchived(let cohort): return "\(name(cohort)) archived"
    case .cohortRestored(let cohort): return "\(name(cohort)) restored"
    case .membersChanged(let event): return text(of: event)

    case .segmentSaved(let event):
      return "\(event.segment) version \(event.version) saved: \(event.name)"
    case .segmentArchived(let segment): return "\(segment) archived"
    case .segmentRestored(let segment): return "\(segment) restored"
    case .campaignSaved(let event):
      return "\(event.campaign) version \(event.version) saved: \(event.name)"
    case .campaignArchived(let campaign): return "\(campaign) archived"
    case .campaignRestored(let campaign): return "\(campaign) restored"
    case .audienceFrozen(let event):
      return "\(event.send) of \(event.campaign) launched to \(event.size) as of \(event.position)"

    case .recovered(let event):
      return "recovered: \(event.size) torn bytes cut off at byte \(event.offset)"
        + (event.mayHaveBeenAcknowledged ? ", perhaps acknowledged" : "")
    case .restored(let event): return "restored up to \(event.cut) of \(event.head)"
    }
  }

  private func text(of event: MembersChanged) -> String {
    let sign = event.direction == .entering ? "+" : "-"
    var words = "\(name(event.cohort)) \(sign)\(event.users.count)"
    if event.unchanged > 0 { words += ", \(event.unchanged) unchanged" }
    for reason in Unmatched.Reason.allCases {
      let count = event.unmatched.count { $0.reason == reason }
      if count > 0 { words += ", \(count) \(reason)" }
    }
    return words
  }

  private func text(_ name: IdentifierName) -> String {
    guard let bytes = name.text.bytes else { return "(erased)" }
    let text = Text(bytes: bytes)
    return switch name {
    case .externalID: UserName.externalID(text).description
    case .device: UserName.device(text).description
    case .alias(let label, _): UserName.alias(label: label, name: text).description
    }
  }

  private func text(_ identifier: IdentifierID) -> String {
    view.state.name(of: identifier).map { text($0) } ?? "(erased)"
  }

  private func code(_ partner: PartnerID) -> Text { view.state.partners[partner].code }

  private func name(_ cohort: CohortID) -> CohortName { view.state.cohorts[cohort].name }
}
