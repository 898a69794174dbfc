#!/bin/sh
# The script of udhcpc: tells on one line what the client has come to, and changes nothing.
#
# What a server says comes in the environment, and may be anything. Only values made of digits, dots, slashes and blanks
# are given on, so that none can end the line, begin another, or be taken for a name; anything else becomes "?".
case $1 in
  deconfig | bound | renew | nak | leasefail) line="backhauld-dhcp;event=$1" ;;
  *) exit 0 ;;
esac

add() {
  case $2 in
    '') ;;
    *[!0-9./\ ]*) line="$line;$1=?" ;;
    *) line="$line;$1=$2" ;;
  esac
}

case $1 in
  bound | renew)
    add ip "$ip"
    add mask "$mask"
    add subnet "$subnet"
    add router "$router"
    add staticroutes "$staticroutes"
    add dns "$dns"
    add mtu "$mtu"
    add lease "$lease"
    add serverid "$serverid"
    ;;
esac
printf '%s;end\n' "$line"
