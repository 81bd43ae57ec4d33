//! How [`crate::error::AppError`] travels: as words, `denied role_lacks mfa_reset edit`. It is in the answer of every
//! server function and in the data of every page, and reading it as JSON took two times 21 kB of WASM; this takes a
//! few. People can read it in an address and in a test.
//!
//! It knows what the error is made of: enums, structs, sequences, numbers and options. Texts are hex, because they may
//! hold anything. Anything else is refused.

use serde::{
    Serialize,
    de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor},
    ser::{self, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple},
};
use std::fmt::{self, Display, Write};

/// Not of the form.
#[derive(Debug)]
pub(crate) struct NotWords;

impl Display for NotWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not words of ours")
    }
}

impl std::error::Error for NotWords {}

impl ser::Error for NotWords {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl de::Error for NotWords {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
    // The defaults would format what was found, floats included, into a text that nobody reads.
    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }
    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }
    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
}

/// Writes words, each followed by a space.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) String);

impl Writer {
    fn word(&mut self, word: impl Display) -> Result<(), NotWords> {
        write!(self.0, "{word} ").map_err(|_| NotWords)
    }
}

macro_rules! refuse {
    ($($method:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $method(self, $($arg: $type),*) -> Result<Self::Ok, NotWords> { Err(NotWords) })*
    };
}

macro_rules! write_number {
    ($($method:ident($type:ty);)*) => {
        $(fn $method(self, number: $type) -> Result<(), NotWords> { self.word(number) })*
    };
}

impl ser::Serializer for &mut Writer {
    type Ok = ();
    type Error = NotWords;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = ser::Impossible<(), NotWords>;
    type SerializeTupleVariant = ser::Impossible<(), NotWords>;
    type SerializeMap = ser::Impossible<(), NotWords>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    write_number! {
        serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64);
        serialize_u8(u8); serialize_u16(u16); serialize_u32(u32); serialize_u64(u64);
    }

    refuse! {
        serialize_bool(_v: bool); serialize_f32(_v: f32); serialize_f64(_v: f64); serialize_char(_v: char);
        serialize_bytes(_v: &[u8]); serialize_unit_struct(_n: &'static str);
    }

    fn serialize_str(self, text: &str) -> Result<(), NotWords> {
        let hex = text.bytes().fold(String::from("x"), |mut hex, byte| {
            _ = write!(hex, "{byte:02x}");
            hex
        });
        self.word(hex)
    }
    fn serialize_unit(self) -> Result<(), NotWords> {
        Ok(())
    }
    fn serialize_none(self) -> Result<(), NotWords> {
        self.word("none")
    }
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), NotWords> {
        self.word("some")?;
        value.serialize(self)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), NotWords> {
        self.word(variant)
    }
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result<(), NotWords> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), NotWords> {
        self.word(variant)?;
        value.serialize(self)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Self, NotWords> {
        self.word(length.ok_or(NotWords)?)?;
        Ok(self)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self, NotWords> {
        Ok(self)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, NotWords> {
        Err(NotWords)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NotWords> {
        Err(NotWords)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, NotWords> {
        Err(NotWords)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, NotWords> {
        Ok(self)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, NotWords> {
        self.word(variant)?;
        Ok(self)
    }
}

impl SerializeSeq for &mut Writer {
    type Ok = ();
    type Error = NotWords;
    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), NotWords> {
        value.serialize(&mut **self)
    }
    fn end(self) -> Result<(), NotWords> {
        Ok(())
    }
}

impl SerializeTuple for &mut Writer {
    type Ok = ();
    type Error = NotWords;
    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), NotWords> {
        value.serialize(&mut **self)
    }
    fn end(self) -> Result<(), NotWords> {
        Ok(())
    }
}

impl SerializeStruct for &mut Writer {
    type Ok = ();
    type Error = NotWords;
    fn serialize_field<T: ?Sized + Serialize>(&mut self, _: &'static str, value: &T) -> Result<(), NotWords> {
        value.serialize(&mut **self)
    }
    fn end(self) -> Result<(), NotWords> {
        Ok(())
    }
}

impl SerializeStructVariant for &mut Writer {
    type Ok = ();
    type Error = NotWords;
    fn serialize_field<T: ?Sized + Serialize>(&mut self, _: &'static str, value: &T) -> Result<(), NotWords> {
        value.serialize(&mut **self)
    }
    fn end(self) -> Result<(), NotWords> {
        Ok(())
    }
}

/// Reads them back. Nothing may be left over: see [`Reader::end`].
pub(crate) struct Reader<'de>(std::str::SplitAsciiWhitespace<'de>);

impl<'de> Reader<'de> {
    pub(crate) fn new(words: &'de str) -> Self {
        Self(words.split_ascii_whitespace())
    }

    pub(crate) fn end(mut self) -> Result<(), NotWords> {
        self.0.next().map_or(Ok(()), |_| Err(NotWords))
    }

    fn word(&mut self) -> Result<&'de str, NotWords> {
        self.0.next().ok_or(NotWords)
    }
}

macro_rules! read_number {
    ($($method:ident $visit:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotWords> {
            visitor.$visit(self.word()?.parse().map_err(|_| NotWords)?)
        })*
    };
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = NotWords;

    read_number! {
        deserialize_i8 visit_i8; deserialize_i16 visit_i16; deserialize_i32 visit_i32; deserialize_i64 visit_i64;
        deserialize_u8 visit_u8; deserialize_u16 visit_u16; deserialize_u32 visit_u32; deserialize_u64 visit_u64;
    }

    fn is_human_readable(&self) -> bool {
        true
    }
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NotWords> {
        Err(NotWords)
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotWords> {
        let hex = self.word()?.strip_prefix('x').ok_or(NotWords)?;
        let byte = |at| u8::from_str_radix(hex.get(at..at + 2).ok_or(NotWords)?, 16).map_err(|_| NotWords);
        let bytes = (0..hex.len()).step_by(2).map(byte).collect::<Result<Vec<u8>, _>>()?;
        visitor.visit_string(String::from_utf8(bytes).map_err(|_| NotWords)?)
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotWords> {
        self.deserialize_str(visitor)
    }
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotWords> {
        visitor.visit_str(self.word()?)
    }
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotWords> {
        visitor.visit_unit()
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotWords> {
        match self.word()? {
            "none" => visitor.visit_none(),
            "some" => visitor.visit_some(self),
            _ => Err(NotWords),
        }
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, NotWords> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotWords> {
        let left = self.word()?.parse().map_err(|_| NotWords)?;
        visitor.visit_seq(Items { reader: self, left })
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, NotWords> {
        visitor.visit_seq(Items { reader: self, left })
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotWords> {
        visitor.visit_seq(Items { reader: self, left: fields.len() })
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotWords> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool f32 f64 char bytes byte_buf unit_struct tuple_struct map ignored_any
    }
}

struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = NotWords;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, NotWords> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = NotWords;
    type Variant = Self;
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), NotWords> {
        let variant = self.word()?;
        Ok((seed.deserialize(IntoDeserializer::<NotWords>::into_deserializer(variant))?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = NotWords;
    fn unit_variant(self) -> Result<(), NotWords> {
        Ok(())
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, NotWords> {
        seed.deserialize(self)
    }
    fn tuple_variant<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, NotWords> {
        visitor.visit_seq(Items { reader: self, left })
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotWords> {
        visitor.visit_seq(Items { reader: self, left: fields.len() })
    }
}

/// As words.
pub(crate) fn write<T>(
    value: &T,
    how: impl FnOnce(&T, &mut Writer) -> Result<(), NotWords>,
) -> Result<String, NotWords> {
    let mut writer = Writer::default();
    how(value, &mut writer)?;
    writer.0.truncate(writer.0.trim_end().len());
    Ok(writer.0)
}

/// From words.
pub(crate) fn read<T>(
    words: &str,
    how: impl for<'de> FnOnce(&mut Reader<'de>) -> Result<T, NotWords>,
) -> Result<T, NotWords> {
    let mut reader = Reader::new(words);
    let value = how(&mut reader)?;
    reader.end()?;
    Ok(value)
}
