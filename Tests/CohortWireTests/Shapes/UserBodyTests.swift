import CohortModel
import CohortWire
import Testing

/// Everything that the bodies of part 2 can have wrong.
@Suite struct `Bodies about users` {
  private static let trackLiteral =
    "400 Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."

  @Test(arguments: [
    ("/users/track", "attributes", "{\"external_id\":\"a\"}"),
    ("/users/alias/new", "user_aliases", "{\"alias_name\":\"a\",\"alias_label\":\"l\"}"),
    (
      "/users/alias/update", "alias_updates",
      "{\"alias_label\":\"l\",\"old_alias_name\":\"a\",\"new_alias_name\":\"b\"}"
    ),
    (
      "/users/identify", "aliases_to_identify",
      "{\"external_id\":\"e\",\"user_alias\":{\"alias_name\":\"a\",\"alias_label\":\"l\"}}"
    ),
    ("/users/identify", "devices_to_identify", "{\"external_id\":\"e\",\"device_id\":\"d\"}"),
    (
      "/users/merge", "merge_updates",
      "{\"identifier_to_merge\":{\"external_id\":\"a\"},\"identifier_to_keep\":{\"external_id\":\"b\"}}"
    ),
    (
      "/users/external_ids/rename", "external_id_renames",
      "{\"current_external_id\":\"a\",\"new_external_id\":\"b\"}"
    ),
    ("/users/external_ids/remove", "external_ids", "\"a\""),
    ("/users/delete", "external_ids", "\"a\""),
    ("/users/delete", "user_aliases", "{\"alias_name\":\"a\",\"alias_label\":\"l\"}"),
  ]) func `have one array, as long as the limit`(_ path: String, _ array: String, _ item: String) {
    let limit = path == "/users/track" ? 75 : 50
    let over =
      switch path {
      case "/users/track": "400 Max Input Length Exceeded"
      case "/users/merge": "400 a single request may not contain more than 50 merge updates"
      case "/users/external_ids/rename", "/users/external_ids/remove":
        "400 The max number of ids per request was exceeded"
      default: "400 The max number of external_ids and aliases per request was exceeded"
      }
    func body(_ count: Int) -> String { "{\"\(array)\":\(list(count) { _ in item })}" }
    #expect(Shaped(path, body(1)).fault == nil)
    #expect(Shaped(path, body(limit)).fault == nil)
    #expect(Shaped(path, body(limit + 1)).fault == over)
    // Items that make no sense count too.
    if path != "/users/merge" {
      let bad = item == "\"a\"" ? "7" : "{}"
      let body = "{\"\(array)\":\(list(limit + 1) { $0 < limit ? bad : item })}"
      #expect(Shaped(path, body).fault == over)
    }

    let what = item == "\"a\"" ? "strings" : "objects"
    for json in ["7", "{}", "\"x\"", "true"] {
      #expect(
        Shaped(path, "{\"\(array)\":\(json)}").fault
          == "400 '\(array)' must be an array of \(what)", "\(json)")
    }
    if what == "objects" {
      for json in ["[7]", "[null]", "[\(item),[]]", "[\"a\"]"] {
        #expect(
          Shaped(path, "{\"\(array)\":\(json)}").fault
            == "400 '\(array)' must be an array of objects", "\(json)")
      }
    }
    // A null is as good as absent; a deletion and a track without anything have words of their own.
    let absent = Shaped(path, "{}").fault
    #expect(Shaped(path, "{\"\(array)\":null}").fault == absent)
    switch path {
    case "/users/track": #expect(absent == Self.trackLiteral)
    case "/users/delete":
      #expect(absent == "400 No user is named. Send 'external_ids' or 'user_aliases'.")
    case "/users/identify":
      #expect(absent == "400 'aliases_to_identify' must be an array of objects")
    default: #expect(absent == "400 '\(array)' must be an array of \(what)")
    }
    // Unknown fields are ignored, but not where they would pass for a deletion.
    let unknown = Shaped(path, "{\"\(array)\":[\(item)],\"user_alias\":[]}")
    if path == "/users/delete" {
      #expect(unknown.fault?.contains("nearest is 'user_aliases'") == true)
      #expect(unknown.members == [JSONText.Member("nearest", "user_aliases")])
    } else {
      #expect(unknown.fault == nil)
    }
  }

  @Test func `are no batch at all if they are no object`() {
    for route in Routes.all where route.method == .post && route.kind.isWrite {
      let path = route.pattern.replacing("{", with: "").replacing("}", with: "")
      for body in ["", "[]", "7", "\"x\"", "{", "{\"a\":1,\"a\":1}"] {
        #expect(Shaped(path, body).fault?.hasPrefix("400 Byte ") == true, "\(path) \(body)")
      }
    }
  }

  @Test func `of a track say which user is meant, and what is not stored`() {
    let body = """
      {"attributes":[{"external_id":"a","first_name":"A","email":"x","_update_existing_only":true},
      {"user_alias":{"alias_name":"n","alias_label":"l","x":1},"device_id":"d","first_name":"B"},
      {"email":"x"},{"braze_id":"x"},{"phone":"x"},{},{"external_id":null,"device_id":"d"}],
      "events":[{}],"purchases":[]}
      """
    guard case .trackUsers(let items) = Shaped("/users/track", body).wish else {
      Issue.record("another wish")
      return
    }
    let unsupported = TrackItem(hasUnsupportedIdentifier: true)
    #expect(
      items == [
        TrackItem(externalID: "a", updateExistingOnly: true, hasUnsupportedIdentifier: true),
        TrackItem(alias: Alias(label: "l", name: "n"), device: "d"), unsupported, unsupported,
        unsupported, TrackItem(), TrackItem(device: "d"),
      ])
    var house = PartnerHouse()
    let reply = house.post("/users/track", body)
    #expect(
      reply.text
        == """
        {"message":"success","attributes_processed":3,"errors":[\
        {"type":"this identifier is not supported","input_array":"attributes","index":2},\
        {"type":"this identifier is not supported","input_array":"attributes","index":3},\
        {"type":"this identifier is not supported","input_array":"attributes","index":4},\
        {"type":"'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",\
        "input_array":"attributes","index":5}],\
        "ignored":["first_name","email","braze_id","phone","events"],\
        "position":\(house.state.position.rawValue)}
        """)
    #expect(reply.status == 201)
  }

  @Test func `of a track without anything valid are refused`() {
    var house = PartnerHouse()
    for body in [
      "{}", "{\"attributes\":[]}", "{\"attributes\":[{}]}", "{\"attributes\":[{\"email\":\"x\"}]}",
      "{\"attributes\":[{\"external_id\":7}]}", "{\"attributes\":[{}],\"events\":[{}]}",
      "{\"events\":[]}", "{\"events\":null,\"purchases\":null}",
    ] {
      let reply = house.post("/users/track", body)
      #expect("\(reply.status) \(reply.message ?? "")" == Self.trackLiteral, "\(body)")
    }
    let position = house.state.position
    let reply = house.post(
      "/users/track", "{\"events\":[{\"external_id\":\"a\"}],\"purchases\":[{}]}")
    #expect(
      reply.text
        == "{\"message\":\"success\",\"attributes_processed\":0,\"ignored\":[\"events\",\"purchases\"],\"position\":\(position.rawValue)}"
    )
    #expect(
      Shaped("/users/track", "{\"events\":7}").fault == "400 'events' must be an array of objects")
    #expect(
      Shaped("/users/track", "{\"purchases\":\(list(76) { _ in "{}" })}").fault
        == "400 Max Input Length Exceeded")
    #expect(Shaped("/users/track", "{\"events\":\(list(75) { _ in "{}" })}").fault == nil)
  }

  /// Each field of each item: missing, null, of every wrong type.
  @Test(arguments: [
    ("/users/alias/new", "user_aliases", ["alias_name": "a", "alias_label": "l"], ["external_id"]),
    (
      "/users/alias/update", "alias_updates",
      ["alias_label": "l", "old_alias_name": "a", "new_alias_name": "b"], []
    ),
    ("/users/identify", "devices_to_identify", ["external_id": "e", "device_id": "d"], []),
    (
      "/users/external_ids/rename", "external_id_renames",
      ["current_external_id": "a", "new_external_id": "b"], []
    ),
    ("/users/delete", "user_aliases", ["alias_name": "a", "alias_label": "l"], []),
    ("/users/track", "attributes", ["external_id": "a"], ["device_id"]),
  ]) func `have item errors for fields that are missing or of a wrong type`(
    _ path: String, _ array: String, _ required: [String: String], _ optional: [String]
  ) {
    func body(_ fields: [String: String]) -> String {
      let good = required.mapValues { "\"\($0)\"" }
      func object(_ fields: [String: String]) -> String {
        "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
      }
      return
        "{\"\(array)\":[\(object(good)),\(object(good.merging(fields) { $1 })),\(object(good))]}"
    }
    func errors(_ fields: [String: String]) -> [String] {
      var house = PartnerHouse()
      let reply = house.post(path, body(fields))
      guard reply.status == 201, let json = try? JSONValue(body: reply.body) else {
        return [reply.text]
      }
      let key = path.hasSuffix("rename") ? "rename_errors" : "errors"
      return (json[key]?.elements.map { $0 } ?? []).compactMap { error in
        if path.hasSuffix("rename") {
          let parts = Array(error.elements)
          guard parts[0].integer == 1 else { return nil }
          return parts[1].string.map { String(decoding: $0, as: UTF8.self) }
        }
        guard error["index"]?.integer == 1 else { return nil }
        #expect(error["input_array"]?.string?.elementsEqual(array.utf8) == true)
        return error["type"]?.string.map { String(decoding: $0, as: UTF8.self) }
      }
    }
    for field in required.keys.sorted() + optional {
      for json in ["7", "true", "[]", "{}", "[\"a\"]"] {
        #expect(errors([field: json]) == ["'\(field)' must be a string"], "\(field) \(json)")
      }
      guard path != "/users/track", required[field] != nil else { continue }
      #expect(errors([field: "null"]) == ["'\(field)' is required"])
    }
  }

  @Test func `of an identification take aliases before devices, and count both`() {
    let alias =
      "{\"external_id\":\"e\",\"user_alias\":{\"alias_name\":\"a\",\"alias_label\":\"l\"}}"
    let device = "{\"external_id\":\"f\",\"device_id\":\"d\"}"
    guard
      case .identifyUsers(let items) = Shaped(
        "/users/identify",
        "{\"devices_to_identify\":[\(device)],\"emails_to_identify\":[],\"aliases_to_identify\":[\(alias)]}"
      ).wish
    else {
      Issue.record("another wish")
      return
    }
    #expect(
      items == [
        IdentifyUser(externalID: "e", user: .alias(Alias(label: "l", name: "a"))),
        IdentifyUser(externalID: "f", user: .device("d")),
      ])
    let body = { (aliases: Int, devices: Int) in
      "{\"aliases_to_identify\":\(list(aliases) { _ in alias }),\"devices_to_identify\":\(list(devices) { _ in device })}"
    }
    #expect(Shaped("/users/identify", body(25, 25)).fault == nil)
    #expect(
      Shaped("/users/identify", body(26, 25)).fault
        == "400 The max number of external_ids and aliases per request was exceeded")
  }

  @Test func `keep the array and index of an item whatever was left out before it`() {
    var house = PartnerHouse()
    let body = """
      {"aliases_to_identify":[{"external_id":"e"},{"external_id":"e","user_alias":{"alias_name":"no","alias_label":"crm"}},
      {"external_id":"e","user_alias":{"alias_name":"a","alias_label":"crm"}},{"external_id":"e","user_alias":7}],
      "devices_to_identify":[{"device_id":"x"},{"external_id":"u9","device_id":"none"},{"external_id":"f","device_id":"d1"}]}
      """
    let reply = house.post("/users/identify", body)
    let alias = "'user_alias' must be an object with the strings 'alias_name' and 'alias_label'"
    #expect(
      reply.text
        == """
        {"message":"success","aliases_processed":2,"errors":[\
        {"type":"\(alias)","input_array":"aliases_to_identify","index":0},\
        {"type":"no user has this alias","input_array":"aliases_to_identify","index":1},\
        {"type":"\(alias)","input_array":"aliases_to_identify","index":3},\
        {"type":"'external_id' is required","input_array":"devices_to_identify","index":0},\
        {"type":"no user bears this identifier","input_array":"devices_to_identify","index":1}],\
        "position":\(house.state.position.rawValue)}
        """)
  }

  @Test func `of a deletion refuse what they do not know, and may erase`() {
    let alias = "{\"alias_name\":\"a\",\"alias_label\":\"l\"}"
    guard
      case .deleteUsers(let users, nil) = Shaped(
        "/users/delete", "{\"user_aliases\":[\(alias)],\"external_ids\":[\"a\",\"b\"]}"
      ).wish
    else {
      Issue.record("another wish")
      return
    }
    #expect(users == [.externalID("a"), .externalID("b"), .alias(label: "l", name: "a")])
    guard
      case .deleteAndErase(let erased) = Shaped(
        "/users/delete", "{\"external_ids\":[\"a\"],\"erase\":true}"
      ).action
    else {
      Issue.record("another action")
      return
    }
    #expect(erased == [.externalID("a")])
    for (field, nearest) in [
      ("external_id", "external_ids"), ("braze_external_ids", "external_ids"), ("Erase", "erase"),
      ("user_alias", "user_aliases"),
    ] {
      let shaped = Shaped("/users/delete", "{\"external_ids\":[\"a\"],\"\(field)\":[]}")
      #expect(shaped.fault?.hasPrefix("400 There is no field '\(field)'; ") == true)
      #expect(shaped.members == [JSONText.Member("nearest", .string(nearest))])
    }
    let nested = Shaped(
      "/users/delete",
      "{\"user_aliases\":[{\"alias_name\":\"a\",\"alias_label\":\"l\",\"alias\":1}]}")
    #expect(nested.members == [JSONText.Member("nearest", "alias_name")])
    #expect(
      Shaped("/users/delete", "{\"external_ids\":[\"a\"],\"erase\":1}").fault
        == "400 'erase' is not true or false. Send true or false there.")
    let half = { (ids: Int, aliases: Int) in
      "{\"external_ids\":\(list(ids) { "\"\($0)\"" }),\"user_aliases\":\(list(aliases) { _ in alias })}"
    }
    #expect(Shaped("/users/delete", half(25, 25)).fault == nil)
    #expect(
      Shaped("/users/delete", half(25, 26)).fault
        == "400 The max number of external_ids and aliases per request was exceeded")
  }
}
