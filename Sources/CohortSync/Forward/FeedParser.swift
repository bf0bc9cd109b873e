package import CohortModel
package import CohortWire

/// Reads events of the feed (CONTRACT part 6), as far as they concern some cohorts.
package struct FeedParser: Sendable {
  /// The types of events that are asked for.
  package static let types = [
    "cohortNamed", "membersChanged", "identifierAdded", "identifierRemoved", "externalIdRenamed",
    "userIdentified", "usersMerged", "userDeleted", "userErased", "restored",
  ]

  private let places: [CohortName: Int]

  package init(_ cohorts: [CohortName]) {
    var places: [CohortName: Int] = [:]
    for (place, cohort) in cohorts.enumerated() { places[cohort] = place }
    self.places = places
  }

  /// Reads the lines of an answer.
  ///
  /// - Parameters:
  ///   - body: NDJSON; every line must be whole.
  ///   - after: The events must stand behind it, in the order of the log.
  /// - Returns: `nil` if it is nothing of the kind.
  package func events(_ body: [UInt8], after: FeedCheckpoint) -> [FeedEvent]? {
    guard body.isEmpty || body.last == UInt8(ascii: "\n") else { return nil }
    var events: [FeedEvent] = []
    var document = JSONDocument()
    var (start, last) = (0, after.position)
    while let end = body[start...].firstIndex(of: UInt8(ascii: "\n")) {
      guard
        (try? document.parse(copying: body.span.extracting(start..<end))) != nil,
        let event = event(document.root), event.checkpoint.position > last
      else { return nil }
      (start, last) = (end + 1, event.checkpoint.position)
      events.append(event)
    }
    return events
  }

  /// Reads one event; `nil` if it is none.
  package func event(_ root: JSONValue) -> FeedEvent? {
    guard let position = root["position"]?.unsignedInteger, let epoch = root["epoch"]?.string,
      let type = root["type"]?.string,
      let change = change(String(decoding: type, as: UTF8.self), root)
    else { return nil }
    return FeedEvent(
      FeedCheckpoint(Position(position), epoch: String(decoding: epoch, as: UTF8.self)), change)
  }

  private func change(_ type: String, _ root: JSONValue) -> FeedEvent.Change? {
    switch type {
    case "cohortNamed": return naming(root)
    case "membersChanged":
      guard let cohort = cohort(root) else { return .other }
      guard let added = users(root["added"]), let removed = users(root["removed"]) else {
        return nil
      }
      return .members(cohort, added: added, removed: removed)
    case "identifierAdded", "userIdentified": return user(root["user"]).map { .identified($0) }
    case "identifierRemoved":
      guard let user = user(root["user"]), let gone = root["identifier"] else { return nil }
      return .identifierRemoved(user, identifier(gone))
    case "externalIdRenamed":
      guard let user = user(root["user"]), let new = root["identifier"] else { return nil }
      return .renamed(user, to: identifier(new))
    case "usersMerged":
      guard let user = user(root["user"]), let into = self.user(root["into"]),
        let left = cohorts(root["cohorts_left"]), let entered = cohorts(root["cohorts_entered"])
      else { return nil }
      return .merged(user, into: into, left: left, entered: entered)
    case "userDeleted":
      guard let user = user(root["user"]), let left = cohorts(root["cohorts_left"]) else {
        return nil
      }
      return .deleted(user, left: left)
    case "userErased":
      // Of a string that no user ever bore there is no user.
      guard let user = root["user"], !user.isNull else { return .other }
      return self.user(user).map { .erased($0.user) }
    default: return .other
    }
  }

  private func naming(_ root: JSONValue) -> FeedEvent.Change? {
    // A cohort that an import has made is made by the forwarded import too.
    guard let cohort = cohort(root), let created = root["created_at"], !created.isNull else {
      return .other
    }
    guard let name = root["name"]?.string,
      let createdAt = created.string.flatMap({ Instant(text: $0.span) })
    else { return nil }
    return .named(cohort, name: Text(bytes: Array(name)), createdAt: createdAt)
  }

  /// The place of the cohort that an object names; `nil` if it is not asked for.
  private func cohort(_ object: JSONValue) -> Int? {
    guard let partner = object["partner"]?.string, let id = object["cohort_id"]?.string else {
      return nil
    }
    return places[
      CohortName(partner: Text(bytes: Array(partner)), cohortID: Text(bytes: Array(id)))]
  }

  private func cohorts(_ list: JSONValue?) -> [Int]? {
    guard let list, list.kind == .array else { return nil }
    return list.elements.compactMap { cohort($0) }
  }

  private func users(_ list: JSONValue?) -> [FeedUser]? {
    guard let list, list.kind == .array else { return nil }
    var users: [FeedUser] = []
    users.reserveCapacity(list.count)
    for element in list.elements {
      guard let user = user(element) else { return nil }
      users.append(user)
    }
    return users
  }

  private func user(_ object: JSONValue?) -> FeedUser? {
    guard let object, let number = object["user"]?.unsignedInteger,
      let user = UInt32(exactly: number)
    else { return nil }
    var identifiers: [SentIdentifier] = []
    if let id = object["external_id"]?.string {
      identifiers.append(SentIdentifier(.externalID, Array(id)))
    }
    if let aliases = object["aliases"] {
      identifiers += aliases.elements.compactMap { identifier($0) }
    }
    if let devices = object["device_ids"] {
      for device in devices.elements {
        if let id = device.string { identifiers.append(SentIdentifier(.device, Array(id))) }
      }
    }
    return FeedUser(UserID(user), identifiers)
  }

  /// An identifier alone; `nil` once it is erased.
  private func identifier(_ object: JSONValue) -> SentIdentifier? {
    if let id = object["external_id"]?.string { return SentIdentifier(.externalID, Array(id)) }
    if let id = object["device_id"]?.string { return SentIdentifier(.device, Array(id)) }
    guard let label = object["alias_label"]?.string, let name = object["alias_name"]?.string else {
      return nil
    }
    return SentIdentifier(.alias(label: Text(bytes: Array(label))), Array(name))
  }
}
