import CohortModel
import CohortWire
import Testing

@Suite struct `Bodies of the ledger's own routes` {
  @Test func `issue keys`() throws {
    guard
      case .issueKey(let rest) = Shaped(
        "/ledger/keys",
        """
        {"kind":"rest","label":"console","permissions":["users.track","ledger.read"],
        "networks":["10.0.0.0/8","2001:db8::1"],"expires_at":"2027-01-01T00:00:00Z"}
        """
      ).action,
      case .issueKey(let partner) = Shaped(
        "/ledger/keys",
        "{\"kind\":\"data-import\",\"partner\":\"hightouch\",\"label\":\"w\",\"permissions\":[],\"networks\":null}"
      ).action
    else {
      Issue.record("another action")
      return
    }
    let networks = try [#require(Network("10.0.0.0/8")), #require(Network("2001:db8::1"))]
    #expect(
      rest
        == NewKey(
          kind: .rest, partner: nil, label: "console",
          permissions: Permissions([.usersTrack, .ledgerRead]), networks: networks,
          expiresAt: Instant(text: "2027-01-01T00:00:00Z")))
    #expect(partner == NewKey(kind: .dataImport, partner: "hightouch", label: "w"))
    guard case .issueKey(let wish) = rest.wish(digest: Digest(1, 2, 3, 4)) else {
      Issue.record("another wish")
      return
    }
    #expect(wish.digest == Digest(1, 2, 3, 4) && wish.networks == networks)
  }

  @Test(arguments: [
    ("{}", "'kind' is missing. Send a string."),
    ("{\"kind\":7}", "'kind' is not a string. Send a string there."),
    (
      "{\"kind\":\"data_import\"}",
      "There is no kind of key 'data_import'; the nearest is 'data-import'. Correct it or leave it out."
    ),
    ("{\"kind\":\"rest\"}", "'label' is missing. Send a string."),
    ("{\"kind\":\"rest\",\"label\":7}", "'label' is not a string. Send a string there."),
    (
      "{\"kind\":\"rest\",\"label\":\"x\",\"permissions\":[\"users.trak\"]}",
      "There is no permission 'users.trak'; the nearest is 'users.track'. Correct it or leave it out."
    ),
    (
      "{\"kind\":\"rest\",\"label\":\"x\",\"permissions\":\"all\"}",
      "'permissions' is not an array of strings. Send an array of strings there."
    ),
    (
      "{\"kind\":\"partner\",\"label\":\"x\",\"permissions\":[\"users.track\"]}",
      "Only REST keys have permissions. Leave 'permissions' out."
    ),
    (
      "{\"kind\":\"rest\",\"label\":\"x\",\"networks\":[\"10.0.0.1/8\"]}",
      "'networks' is not an array of networks such as \"10.0.0.0/8\". Send an array of networks such as \"10.0.0.0/8\" there."
    ),
    (
      "{\"kind\":\"rest\",\"label\":\"x\",\"networks\":[8]}",
      "'networks' is not an array of strings. Send an array of strings there."
    ),
    (
      "{\"kind\":\"rest\",\"label\":\"x\",\"expires_at\":\"2027-01-01\"}",
      "'expires_at' is not a time such as \"2026-11-21T00:41:59Z\". Send a time such as \"2026-11-21T00:41:59Z\" there."
    ),
    (
      "{\"kind\":\"rest\",\"label\":\"x\",\"expires\":0}",
      "There is no field 'expires'; the nearest is 'expires_at'. Correct it or leave it out."
    ),
    (
      "{\"kind\":\"rest\",\"partner\":[],\"label\":\"x\"}",
      "'partner' is not a string. Send a string there."
    ),
  ]) func `refuse a key that is none`(_ body: String, _ message: String) {
    #expect(Shaped("/ledger/keys", body).fault == "400 \(message)")
  }

  @Test func `grant every permission by its name`() {
    for permission in Permission.allCases {
      let body = "{\"kind\":\"rest\",\"label\":\"x\",\"permissions\":[\"\(permission.name)\"]}"
      guard case .issueKey(let key) = Shaped("/ledger/keys", body).action else {
        Issue.record("\(permission)")
        continue
      }
      #expect(key.permissions == Permissions([permission]))
    }
  }

  @Test func `enable partners`() {
    let rows: [(String, NewPartner)] = [
      ("{\"partner\":\"p\"}", NewPartner(code: "p")),
      (
        "{\"partner\":\"p\",\"partner_api_key\":\"s\",\"display_name\":\"P\",\"learn\":false}",
        NewPartner(code: "p", displayName: "P", key: .given(Array("s".utf8)))
      ),
      (
        "{\"partner\":\"p\",\"learn\":true,\"partner_api_key\":null}",
        NewPartner(code: "p", key: .learned)
      ),
    ]
    for (body, partner) in rows {
      guard case .enablePartner(let read) = Shaped("/ledger/partners", body).action else {
        Issue.record("\(body)")
        continue
      }
      #expect(read == partner)
      guard case .enablePartner(let wish) = read.wish(digest: read.key == .learned ? nil : .zero)
      else {
        continue
      }
      #expect(wish.key == (read.key == .learned ? .learned : .digest(.zero)))
    }
    for (body, message) in [
      ("{}", "'partner' is missing. Send a string."),
      ("{\"partner\":7}", "'partner' is not a string. Send a string there."),
      (
        "{\"partner\":\"p\",\"partner_api_key\":\"\"}",
        "'partner_api_key' is empty. Leave it out to have one made."
      ),
      (
        "{\"partner\":\"p\",\"partner_api_key\":\"s\",\"learn\":true}",
        "'partner_api_key' and 'learn' exclude each other. Leave one of them out."
      ),
      (
        "{\"partner\":\"p\",\"learn\":1}", "'learn' is not true or false. Send true or false there."
      ),
      (
        "{\"partner\":\"p\",\"display_name\":1}",
        "'display_name' is not a string. Send a string there."
      ),
      (
        "{\"partner\":\"p\",\"api_key\":\"s\"}",
        "There is no field 'api_key'; the nearest is 'learn'. Correct it or leave it out."
      ),
    ] {
      let fault = Shaped("/ledger/partners", body).fault
      if body.contains("\"api_key\"") {
        #expect(fault?.hasPrefix("400 There is no field 'api_key'; ") == true)
      } else {
        #expect(fault == "400 \(message)", "\(body)")
      }
    }
  }

  @Test func `erase by exactly one name`() {
    let alias = "{\"alias_name\":\"n\",\"alias_label\":\"l\"}"
    let rows: [(String, UserName)] = [
      ("{\"external_id\":\"a\"}", .externalID("a")), ("{\"device_id\":\"d\"}", .device("d")),
      ("{\"user\":17}", .number(UserID(17))), ("{\"user\":\"user:17\"}", .number(UserID(17))),
      ("{\"user_alias\":\(alias)}", .alias(label: "l", name: "n")),
      (alias, .alias(label: "l", name: "n")),
      ("{\"external_id\":\"a\",\"device_id\":null}", .externalID("a")),
    ]
    for (body, name) in rows {
      guard case .erase(let read) = Shaped("/ledger/erase", body).action else {
        Issue.record("\(body)")
        continue
      }
      #expect(read == name)
    }
    for body in ["{}", "{\"external_id\":null}"] {
      #expect(
        Shaped("/ledger/erase", body).fault
          == "400 No user is named. Send one of external_id, user_alias, device_id or user.")
    }
    for body in [
      "{\"external_id\":\"a\",\"device_id\":\"d\"}", "{\"user\":1,\"user_alias\":\(alias)}",
      "{\"external_id\":\"a\",\"alias_name\":\"n\",\"alias_label\":\"l\"}",
    ] {
      #expect(
        Shaped("/ledger/erase", body).fault?.hasPrefix("400 The user is named more than once. ")
          == true)
    }
    for (body, message) in [
      ("{\"external_id\":7}", "'external_id' is not a string. Send a string there."),
      ("{\"alias_name\":\"n\"}", "'alias_label' is missing. Send a string."),
      ("{\"alias_label\":\"n\"}", "'alias_name' is missing. Send a string."),
      (
        "{\"user_alias\":{\"alias_name\":\"n\"}}",
        "'user_alias.alias_label' is missing. Send a string."
      ),
      ("{\"user_alias\":7}", "'user_alias' is not an object. Send an object there."),
      (
        "{\"user\":-1}",
        "'user' is not a user such as 17 or \"user:17\". Send a user such as 17 or \"user:17\" there."
      ),
      (
        "{\"user\":\"17\"}",
        "'user' is not a user such as 17 or \"user:17\". Send a user such as 17 or \"user:17\" there."
      ),
      (
        "{\"user\":4294967296}",
        "'user' is not a user such as 17 or \"user:17\". Send a user such as 17 or \"user:17\" there."
      ),
    ] {
      #expect(Shaped("/ledger/erase", body).fault == "400 \(message)")
    }
    #expect(
      Shaped("/ledger/erase", "{\"extern_id\":\"a\"}").members == [
        JSONText.Member("nearest", "external_id")
      ])
  }

  @Test func `forget up to a time`() {
    guard
      case .forgetUnmatched(let before) = Shaped(
        "/ledger/forget-unmatched", "{\"before\":\"1970-01-01T00:00:01Z\"}"
      ).action
    else {
      Issue.record("another action")
      return
    }
    #expect(before == Instant(microseconds: 1_000_000))
    for body in [
      "{}", "{\"before\":null}", "{\"before\":7}", "{\"before\":\"1970-01-01\"}",
      "{\"after\":\"\"}",
    ] {
      #expect(Shaped("/ledger/forget-unmatched", body).fault?.hasPrefix("400 ") == true)
    }
  }

  @Test func `archive, restore, invalidate and disable what the path names`() {
    let name = CohortName(partner: "p", cohortID: "c/d")
    let dots = CohortName(partner: "p", cohortID: "..")
    let dash = CohortName(partner: "p", cohortID: "-")
    guard case .archiveCohort(name) = Shaped("/ledger/cohorts/p/c%2Fd/archive", "{}").wish,
      case .restoreCohort(name) = Shaped("/ledger/cohorts/p/c%2Fd/restore", "{}").wish,
      case .archiveCohort(dots) = Shaped(
        "/ledger/cohorts/p/-/archive", "{\"cohort_id\":\"..\"}"
      ).wish,
      case .restoreCohort(dash) = Shaped("/ledger/cohorts/p/-/restore", "{}").wish,
      case .invalidateKey(KeyID(3)) = Shaped("/ledger/keys/key:3/invalidate", "{}").wish,
      case .disablePartner("p") = Shaped("/ledger/partners/p/disable", "{}").wish
    else {
      Issue.record("another wish")
      return
    }
    #expect(
      Shaped("/ledger/cohorts/p/c/archive", "{\"cohort_id\":\"d\"}").fault
        == "400 The path and 'cohort_id' both name a cohort. Send '-' in the path, or no 'cohort_id'."
    )
    for path in [
      "/ledger/keys/3/invalidate", "/ledger/keys/key:03/invalidate", "/ledger/keys/rest/invalidate",
    ] {
      #expect(Shaped(path, "{}").fault?.hasPrefix("404 There is no key ") == true)
    }
    var house = PartnerHouse()
    for path in [
      "/ledger/cohorts/hightouch/none/archive", "/ledger/cohorts/none/archived/restore",
      "/ledger/keys/key:99/invalidate", "/ledger/partners/none/disable",
    ] {
      #expect(house.post(path, "{}").status == 404, "\(path)")
      #expect(Shaped(path, "{\"x\":1}").fault?.hasPrefix("400 There is no field 'x'") == true)
    }
  }
}

@Suite struct `Lines of a users import` {
  private func line(_ json: String) -> Result<ImportLine, LineFault> {
    Result { () throws(LineFault) in
      guard let document = try? JSONDocument(parsing: Array(json.utf8)) else {
        throw LineFault(line: 0, text: "no JSON")
      }
      return try ImportLine(json: document.root, line: 7)
    }
  }

  @Test func `name users in every way`() throws {
    let alias = "{\"alias_label\":\"l\",\"alias_name\":\"n\"}"
    #expect(
      try line("{\"external_id\":\"e\",\"aliases\":[\(alias)],\"device_ids\":[\"d\",\"f\"]}").get()
        == ImportLine(
          line: 7, externalID: "e", aliases: [Alias(label: "l", name: "n")], devices: ["d", "f"]))
    #expect(
      try line("{\"aliases\":\(alias),\"external_id\":null}").get()
        == ImportLine(line: 7, externalID: nil, aliases: [Alias(label: "l", name: "n")]))
    #expect(try line("{}").get() == ImportLine(line: 7, externalID: nil))
  }

  @Test func `are refused one by one`() {
    for json in [
      "[]", "7", "\"x\"", "null", "{\"external_id\":7}", "{\"aliases\":7}", "{\"aliases\":[7]}",
      "{\"aliases\":[{}]}", "{\"aliases\":{\"alias_name\":\"n\"}}", "{\"device_ids\":\"d\"}",
      "{\"device_ids\":[7]}", "{\"devices\":[]}",
      "{\"aliases\":[{\"alias_label\":\"l\",\"alias_name\":\"n\",\"x\":1}]}",
    ] {
      guard case .failure(let fault) = line(json) else {
        Issue.record("\(json)")
        continue
      }
      #expect(fault.line == 7 && fault.text.hasSuffix("."))
    }
  }

  @Test func `come in smaller units if they are long, and none is lost`() throws {
    // Four thousand lines of two kilobytes: a unit of all would not fit into a frame.
    let long = String(repeating: "x", count: 1_000)
    var reader = UsersImportReader()
    var units: [UsersImportReader.Unit] = []
    for number in 0..<4_000 {
      let line =
        "{\"external_id\":\"\(number)\",\"device_ids\":[\"\(long)\",\"\(number)\(long)\"]}\n"
      reader.push(Array(line.utf8).span)
      while let unit = try reader.nextUnit() { units.append(unit) }
    }
    reader.finish()
    while let unit = try reader.nextUnit() { units.append(unit) }
    #expect(units.flatMap(\.lines).map(\.line) == Array(1...4_000))
    for unit in units {
      let bytes = unit.lines.reduce(0) { $0 + $1.devices.reduce(0) { $0 + $1.bytes.count } }
      #expect(bytes <= 4 << 20)
      #expect(unit.lines.count < 4_000)
    }
  }

  @Test func `come in units of ten thousand, whatever the chunks`() throws {
    let text = (1...25_001).map { $0 % 1000 == 0 ? "{\n" : "{\"external_id\":\"e\($0)\"}\n\n" }
      .joined()
    let bytes = Array(text.utf8)
    for size in [1 << 20, 4096, 97] {
      var reader = UsersImportReader()
      var units: [UsersImportReader.Unit] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        reader.push(bytes[start..<min(start + size, bytes.count)].span)
        while let unit = try reader.nextUnit() { units.append(unit) }
      }
      reader.finish()
      while let unit = try reader.nextUnit() { units.append(unit) }
      #expect(units.map { $0.lines.count + $0.faults.count } == [10_000, 10_000, 5_001])
      let lines = units.flatMap(\.lines)
      #expect(lines.count == 24_976)
      // Blank lines count: the numbers are those of an editor.
      #expect(lines.first?.line == 1 && lines.dropFirst().first?.line == 3)
      #expect(
        units.flatMap(\.faults).map(\.line) == (1...25).map { $0 * 1999 })
    }
  }

  @Test func `of CSV have the columns of the header`() throws {
    let all = try UsersImportColumns(header: [
      "alias_name", "external_id", "alias_label", "device_id",
    ])
    #expect(
      try all.line(["n", "e", "l", "d"], line: 2)
        == ImportLine(
          line: 2, externalID: "e", aliases: [Alias(label: "l", name: "n")], devices: ["d"]))
    #expect(
      try all.line(["", "", "", "d"], line: 3)
        == ImportLine(line: 3, externalID: nil, devices: ["d"]))
    for row: [Text] in [["n", "e", "l"], ["n", "e", "", "d"], ["", "e", "l", ""], []] {
      #expect(throws: LineFault.self) { try all.line(row, line: 4) }
    }
    for header: [Text] in [
      [], ["alias_name"], ["alias_label", "external_id"], ["external_id", "external_id"],
      ["external_id", "name"], [""],
    ] {
      let error = #expect(throws: WireError.self) { try UsersImportColumns(header: header) }
      #expect(error?.hasTwoSentences == true)
    }
  }
}
