/// The counts of an answer as words and numbers: what is kept of it with an idempotency key.
///
///     done · changed 5 0 0 0 1 0 0 · items 3 · imported 9 1 0 · deleted 2 · erased · key 3
///     partner 1 4 · segment 3 2 · campaign 0 1 2 · send 4 · archived
///
/// No personal text, no results, no secret: only what a repeated request may be told.
extension Answer {
  public var receiptText: Text {
    switch self {
    case .done, .repeated: return "done"
    case .changedMembers(let counts, _):
      return Text("changed " + Outcome.allCases.map { String(counts[$0]) }.joined(separator: " "))
    case .items(let processed, _): return Text("items \(processed)")
    case .importedUsers(let created, let completed, let unchanged, _):
      return Text("imported \(created) \(completed) \(unchanged)")
    case .deletedUsers(let users, _): return Text("deleted \(users.count)")
    case .erasedUser: return "erased"
    case .issuedKey(let key): return Text("key \(key.rawValue)")
    case .enabledPartner(let partner, let key):
      return Text("partner \(partner.rawValue) \(key?.rawValue ?? 0)")
    case .savedSegment(let segment, let version):
      return Text("segment \(segment.rawValue) \(version)")
    case .savedCampaign(let campaign, let version):
      return Text("campaign \(campaign.kind.rawValue) \(campaign.number) \(version)")
    case .frozeAudience(let send): return Text("send \(send.rawValue)")
    case .archived: return "archived"
    }
  }
}
