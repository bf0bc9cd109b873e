// One row of the table in assets.c: the file that ASSET names. Included once for each, so that each
// name is written once.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
{
    CONSOLE_TEXT(ASSET),
    (const uint8_t[]){
#embed CONSOLE_PATH(ASSET)
    },
    // Not evaluated: only its type is looked at.
    sizeof((const uint8_t[]){
#embed CONSOLE_PATH(ASSET)
    }),
},
#pragma clang diagnostic pop
#undef ASSET
