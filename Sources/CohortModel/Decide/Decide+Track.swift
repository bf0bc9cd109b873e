extension LedgerState {
  /// `/users/track`: good items apply, a batch of only bad ones is refused.
  ///
  /// CONTRACT part 2.
  mutating func perform(_ items: [TrackItem], _ draft: inout Draft) throws(Refusal) -> Answer {
    guard items.count <= Self.trackItemsMax else {
      throw .tooMany(limit: Self.trackItemsMax, what: .track)
    }
    var errors: [ItemError] = []
    for (index, item) in items.enumerated() {
      do throws(ItemRefusal) {
        for event in try decide(item) { record(event, in: &draft) }
      } catch {
        errors.append(ItemError(index: index, refusal: error))
      }
    }
    guard errors.count < items.count else { throw .noValidItem }
    return .items(processed: items.count - errors.count, errors: errors)
  }

  public static let trackItemsMax = 75

  func decide(_ item: TrackItem) throws(ItemRefusal) -> [Event] {
    guard item.externalID == nil || item.alias == nil else { throw .twoIdentifiers }
    guard item.externalID != nil || item.alias != nil || item.device != nil else {
      throw item.hasUnsupportedIdentifier ? .identifierNotSupported : .identifierRequired
    }
    try Self.require(item.externalID, item.alias?.label, item.alias?.name, item.device)
    let device = item.device.map { IdentifierName.device($0.personal) }
    let deviceOwner = item.device.flatMap { bearer(ofDevice: $0)?.user }

    guard let named = try self.named(by: item) else {
      // Only a device: it names its user, or makes one.
      guard deviceOwner == nil, item.updateExistingOnly != true, let device else { return [] }
      return [created([device])]
    }
    if let user = named.user {
      guard let device, deviceOwner != user else { return [] }
      guard deviceOwner == nil else { throw .deviceTaken }
      return [.identifierAdded(IdentifierAdded(user: user, identifier: device))]
    }
    guard named.creates else { return [] }
    guard deviceOwner == nil else { throw .deviceTaken }
    return [created([named.identifier] + (device.map { [$0] } ?? []))]
  }

  private struct Named {
    let identifier: IdentifierName
    let user: UserID?
    let creates: Bool
  }

  /// What the external id or alias of an item says; `nil` if it has neither.
  private func named(by item: TrackItem) throws(ItemRefusal) -> Named? {
    if let text = item.externalID {
      let bearer = bearer(ofExternalID: text)
      if let bearer, bearer.role == .merged {
        throw .takenByMerged(survivor: directory.survivor(of: bearer.user))
      }
      return Named(
        identifier: .externalID(text.personal), user: bearer?.user,
        creates: item.updateExistingOnly != true)
    }
    guard let alias = item.alias else { return nil }
    return Named(
      identifier: alias.identifier, user: bearer(of: alias)?.user,
      creates: item.updateExistingOnly == false)
  }

  func created(_ identifiers: [IdentifierName]) -> Event {
    .userCreated(
      UserCreated(user: UserID(UInt32(directory.userCount + 1)), identifiers: identifiers))
  }
}
