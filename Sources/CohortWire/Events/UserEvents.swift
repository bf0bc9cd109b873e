internal import CohortModel

// The payloads of events about users.

extension JSONWriter {
  mutating func payload(_ event: UserCreated, _ names: Names) {
    user("user", event.user, names)
    key("identifiers")
    array { json in
      for identifier in event.identifiers {
        json.identifier(identifier, isHidden: !names.showsPersonalTexts)
      }
    }
  }

  mutating func payload(_ event: ExternalIDRenamed, _ names: Names) {
    user("user", event.user, names)
    identifier("deprecated", event.deprecated, names)
    identifier("identifier", .externalID(event.primary), names)
  }

  mutating func payload(_ event: UsersMerged, _ names: Names) {
    user("user", event.user, names.before())
    user("into", event.into, names)
    cohorts("cohorts_left", event.cohortsLeft, names)
    cohorts("cohorts_entered", event.cohortsEntered, names)
    identifiers("identifiers_moved", event.moved, names)
    identifiers("aliases_dropped", event.dropped, names)
    identifiers("external_ids_merged", event.retired, names)
  }

  mutating func payload(_ event: UserDeleted, _ names: Names) {
    user("user", event.user, names.before())
    cohorts("cohorts_left", event.cohortsLeft, names)
    identifiers("identifiers_freed", event.freed, names)
  }

  /// Nothing of an erased user is named but the number.
  mutating func payload(_ event: UserErased) {
    key("user")
    if let user = event.user {
      object {
        $0.member("user", user.rawValue)
        $0.member("erased", true)
      }
    } else {
      null()
    }
    key("texts")
    array { json in
      for text in event.texts {
        json.object {
          $0.member("position", text.position)
          $0.member("item", text.item)
        }
      }
    }
  }

  // MARK: Parts

  mutating func user(_ key: String, _ user: UserID, _ names: Names) {
    self.key(key)
    self.user(user, names)
  }

  mutating func identifier(_ key: String, _ name: IdentifierName, _ names: Names) {
    self.key(key)
    identifier(name, isHidden: !names.showsPersonalTexts)
  }

  /// Writes an identifier that the event names by its number.
  mutating func identifier(_ key: String, _ id: IdentifierID, _ names: Names) {
    self.key(key)
    identifier(id, names)
  }

  private mutating func identifiers(_ key: String, _ ids: [IdentifierID], _ names: Names) {
    self.key(key)
    array { json in for id in ids { json.identifier(id, names) } }
  }

  private mutating func identifier(_ id: IdentifierID, _ names: Names) {
    if let name = names.name(of: id) {
      identifier(name, isHidden: !names.showsPersonalTexts)
    } else {
      null()
    }
  }

  private mutating func cohorts(_ key: String, _ cohorts: [CohortID], _ names: Names) {
    self.key(key)
    array { json in for cohort in cohorts { json.object { $0.cohort(names.name(of: cohort)) } } }
  }
}
