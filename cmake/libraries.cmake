# Libraries of Debian that we link, always their static form: the released binary then needs only the C library.
function(upkeep_static_library name)
  find_library(UPKEEP_LIB_${name} NAMES lib${name}.a REQUIRED)
  add_library(${name} STATIC IMPORTED)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${UPKEEP_LIB_${name}})
  target_link_libraries(${name} INTERFACE ${ARGN})
endfunction()

upkeep_static_library(md)
upkeep_static_library(bsd md)
upkeep_static_library(pugixml)
upkeep_static_library(tinfo)
upkeep_static_library(edit tinfo bsd)
